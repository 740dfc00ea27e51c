// Package tests holds the tests of package dynamapper that use only exported names, as a user's
// program does. Most run on an engine. Models and helpers that several files share are in
// fixtures_test.go, and helpers that the packages below share are in internal/fixtures. Tests of
// unexported code and the examples stay beside the code.
package tests
