// Package golangci makes the checks of package vet a plugin of golangci-lint, by its module plugin
// system (https://golangci-lint.run/docs/plugins/module-plugins/). docs/vet.md shows the settings.
package golangci

import (
	"fmt"
	"slices"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/dynamapper/dynamapper/vet"
)

// Name is the name of the linter in .golangci.yml.
const Name = "dynamapper"

func init() { register.Plugin(Name, New) }

// Settings are the settings of the linter in .golangci.yml.
type Settings struct {
	// Disable has the names of checks that do not run, such as dynamotx.
	Disable []string `json:"disable"`
}

// New returns the plugin. It returns an error if the settings have an unknown key or disable an
// unknown check.
func New(settings any) (register.LinterPlugin, error) {
	decoded, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, fmt.Errorf("settings of the linter %s: %w", Name, err)
	}
	p := plugin{vet.Analyzers()}
	for _, name := range decoded.Disable {
		at := slices.IndexFunc(p.analyzers, func(a *analysis.Analyzer) bool { return a.Name == name })
		if at < 0 {
			return nil, fmt.Errorf("settings of the linter %s: disable names no check, or one twice: %q",
				Name, name)
		}
		p.analyzers = slices.Delete(p.analyzers, at, at+1)
	}
	return p, nil
}

type plugin struct{ analyzers []*analysis.Analyzer }

// BuildAnalyzers returns the checks that are not disabled.
func (p plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) { return p.analyzers, nil }

// GetLoadMode returns the load mode with types.
func (plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
