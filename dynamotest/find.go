package dynamotest

import (
	"context"
	"fmt"
	"strings"
)

// way is one way to have an engine, tried after those before it.
type way struct {
	name  string
	start func(context.Context) (*engine, error)
}

// startFirst starts the engine of the first way that works.
func startFirst(ctx context.Context, ways []way) (*engine, error) {
	failures := make([]failure, 0, len(ways))
	for _, way := range ways {
		engine, err := way.start(ctx)
		if err == nil {
			return engine, nil
		}
		// A caller who gave up is not told what else to install.
		if ctx.Err() != nil {
			return nil, fmt.Errorf("dynamotest: the engine's start was given up: %w", context.Cause(ctx))
		}
		failures = append(failures, failure{way: way.name, err: err})
	}
	return nil, &noEngineError{failures: failures}
}

// failure is why one way did not work.
type failure struct {
	way string
	err error
}

// noEngineError says of each way why it did not work, and what to do.
type noEngineError struct {
	failures []failure
}

func (e *noEngineError) Error() string {
	var text strings.Builder
	text.WriteString("dynamotest: no DynamoDB engine; one of these is needed:")
	fmt.Fprintf(&text, "\n- %s: not set; set it to the endpoint of an engine that runs, such as http://localhost:8000", endpointVariable)
	for _, failure := range e.failures {
		fmt.Fprintf(&text, "\n- %s: %s", failure.way, indent(failure.err.Error()))
	}
	return text.String()
}

// Unwrap gives the errors of the ways, in their order.
func (e *noEngineError) Unwrap() []error {
	errs := make([]error, len(e.failures))
	for i, failure := range e.failures {
		errs[i] = failure.err
	}
	return errs
}

// indent keeps the further lines of an error, what a program printed, apart from the list's own.
func indent(text string) string {
	return strings.ReplaceAll(text, "\n", "\n    ")
}
