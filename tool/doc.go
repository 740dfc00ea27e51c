// Package tool makes a command of a program's own models: it compares their tables with the models,
// changes the tables, migrates, exports and imports their items.
//
//	func main() { tool.Main(connect, tool.ModelOf[Player](), tool.ModelOf[Match]()) }
//
//	func connect(ctx context.Context) (*dynamapper.Mapper, error) { return dynamapper.Connect(ctx) }
//
// The guide is docs/tool.md, and package example beside this one is such a program.
//
//	go run ./cmd/schema verify      # reports the differences between the tables and the models
//	go run ./cmd/schema plan        # reports what apply would change
//	go run ./cmd/schema apply       # changes the tables
//	go run ./cmd/schema migrate     # brings the items into the form of the models
//	go run ./cmd/schema export -table players players.json.gz
//	go run ./cmd/schema import -table players players.json.gz
//	go run ./cmd/schema describe    # prints what the service says about the tables
//
// The exit status is 0 if everything is as it should be, or the work is done; 1 after an error; and
// 2 if something differs, was left out or was skipped. "go run" itself ends with 1 if the program
// does not end with 0. So a script that tells 1 from 2, such as a step of CI, builds the program:
//
//	go build -o schema ./cmd/schema
//	./schema plan
package tool
