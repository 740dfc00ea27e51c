package dynamotest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseJavaVersion(t *testing.T) {
	tests := []struct {
		output  string
		version string
		major   int
	}{
		{`java version "1.8.0_292"`, "1.8.0_292", 8},
		{`openjdk version "1.8.0_412"` + "\nOpenJDK Runtime Environment (Temurin)(build 1.8.0_412-b08)", "1.8.0_412", 8},
		{`openjdk version "11.0.2" 2019-01-15`, "11.0.2", 11},
		{`openjdk version "17.0.15" 2025-04-15` + "\nOpenJDK Runtime Environment (build 17.0.15+6-Debian-1deb12u1)", "17.0.15", 17},
		{`java version "17.0.12" 2024-07-16 LTS` + "\nJava(TM) SE Runtime Environment (build 17.0.12+8-LTS-286)", "17.0.12", 17},
		{`openjdk version "21" 2023-09-19`, "21", 21},
		{`openjdk version "21.0.3" 2024-04-16 LTS` + "\nOpenJDK Runtime Environment Corretto-21.0.3.9.1", "21.0.3", 21},
		{`openjdk version "22-ea" 2024-03-19`, "22-ea", 22},
		{`openjdk version "100.0.1"`, "100.0.1", 100},
		{"Picked up JAVA_TOOL_OPTIONS: -Xmx1g\n" + `openjdk version "17.0.1" 2021-10-19`, "17.0.1", 17},
		{`semeru version "17.0.9" 2023-10-17` + "\nEclipse OpenJ9 VM", "17.0.9", 17},
		{"openjdk version \"21.0.1\" 2023-10-17\r\nOpenJDK Runtime Environment\r\n", "21.0.1", 21},
	}
	for _, test := range tests {
		version, major, err := parseJavaVersion(test.output)
		require.NoError(t, err, test.output)
		require.Equal(t, test.version, version)
		require.Equal(t, test.major, major)
	}
}

func TestParseJavaVersionOfSomethingElse(t *testing.T) {
	for _, output := range []string{"", "No Java runtime present", `version "x"`, "version 17"} {
		_, _, err := parseJavaVersion(output)
		require.ErrorContains(t, err, "it does not tell its version", output)
	}
}
