package dynamotest

import (
	"fmt"
	"os"
)

// say tells the person in front of the tests why nothing else happens. It is for what takes long, and happens once.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "dynamotest: "+format+"\n", args...)
}
