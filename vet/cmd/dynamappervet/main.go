// Command dynamappervet finds mistakes in programs that use dynamapper:
//
//	go install github.com/dynamapper/dynamapper/vet/cmd/dynamappervet@latest
//	dynamappervet ./...
//	go vet -vettool=$(which dynamappervet) ./...
//
// dynamappervet help lists the checks. The flag -NAME runs only the named ones, and -NAME=false
// leaves one out. Used alone, -test=false leaves out the files of tests.
package main

import (
	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/dynamapper/dynamapper/vet"
)

// Main also speaks the protocol of go vet.
func main() { multichecker.Main(vet.Analyzers()...) }
