# Go is all that is needed. Each target says what it does in its first line.

.PHONY: test tool ci lint vet api bench stress

# All tests, on the engine in their own process.
test:
	go test ./...

# The tests of the command of a program's own models, docs/tool.md.
tool:
	go -C tool test ./...

# What a change has to pass.
ci:
	.ci/run

# golangci-lint with .golangci.yml, and the known vulnerabilities of what is imported.
lint:
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.7.2 run
	go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./...

# The mapper's own checks, docs/vet.md, of the library and the examples.
vet:
	go -C vet build -o "$(CURDIR)/.vet" ./cmd/dynamappervet
	./.vet -test=false ./... ; status=$$?; rm .vet; exit $$status

# What changed in the exported API since the last tag.
api:
	.ci/api

# The benchmarks beside those of the commit that this branch started from.
bench:
	.ci/bench

# A bank under concurrent writes while two of five responses are lost: 100,000 operations.
stress:
	go -C stress run . -ops 100000
