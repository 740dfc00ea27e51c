package tests

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The text that each method of the program below prints.
const (
	calledMarker = "a method that the program calls"
	unusedMarker = "a method that the program never calls"
)

// userProgram uses most of the package, with a model that has a method that nobody calls. Nothing
// of it runs.
const userProgram = `package main

import (
	"context"
	"fmt"

	"github.com/dynamapper/dynamapper"
)

type User struct {
	dynamapper.Model ` + "`dynamo:\"users\"`" + `
	Login            string ` + "`dynamo:\"login,hash\"`" + `
	Visits           int    ` + "`dynamo:\"visits\"`" + `
}

func (*User) Called() { println("` + calledMarker + `") }

func (*User) Unused() { println("` + unusedMarker + `") }

func main() {
	ctx := context.Background()
	mapper, err := dynamapper.Connect(ctx)
	fmt.Println(err)
	users, err := dynamapper.TableOf[User](mapper)
	fmt.Println(err)
	user, err := users.Get(ctx, dynamapper.Key("waldo"))
	fmt.Println(user, err, users.Save(ctx, user), users.Delete(ctx, user))
	user.Called()
	fmt.Println(users.Update(users.KeyOf(user)).Add("visits", 1).Run(ctx))
	fmt.Println(users.Query("waldo").Collect(ctx))
	fmt.Println(users.Scan().Collect(ctx))
	fmt.Println(users.BatchGet(ctx, nil))
	fmt.Println(users.BatchSave(ctx, nil), users.EnsureTable(ctx))
	fmt.Println(mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		return users.In(tx).Save(user)
	}))
}
`

// The linker removes the exported methods that a program never calls, unless the program uses
// reflection to look up a method whose name is not a constant.
func TestAProgramIsLinkedWithoutItsUnusedMethods(t *testing.T) {
	t.Parallel()
	source := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(source, []byte(userProgram), 0o666))
	binary := filepath.Join(t.TempDir(), "program")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, source)
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	linked, err := os.ReadFile(binary)
	require.NoError(t, err)
	require.True(t, bytes.Contains(linked, []byte(calledMarker)), "the program lacks what it calls")
	require.False(t, bytes.Contains(linked, []byte(unusedMarker)),
		"find what looks up methods: go build -ldflags=-dumpdep prints <ReflectMethod> behind it")
}
