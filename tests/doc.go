// Package tests holds the tests of package dynamapper that need an engine. They use only exported
// names, as a user's program does. Models and helpers that several files share are in
// fixtures_test.go. Tests of unexported code and the examples stay beside the code.
package tests
