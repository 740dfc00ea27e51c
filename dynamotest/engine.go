package dynamotest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

const (
	engineVersion = "2.6.1"

	// readyWithin is generous: a loaded machine with many test binaries starts many engines at once.
	readyWithin = 2 * time.Minute
	// askEvery is how often a starting engine is asked. One answer may take answerWithin, more than an engine needs: what
	// never answers may be another program on the port.
	askEvery     = 50 * time.Millisecond
	answerWithin = 5 * time.Second
	// portTries is how many ports are tried when other programs take them first.
	portTries = 5
)

// engine is a child process that answers as DynamoDB.
type engine struct {
	config aws.Config
	child  *child
	port   *port
	close  func() error
}

// launch starts the process of an engine that is to listen on a port.
type launch func(port int) (*child, error)

// startEngine starts an engine on a free port and returns when it answers.
func startEngine(ctx context.Context, launch launch) (*engine, error) {
	for try := 1; ; try++ {
		engine, err := startOnce(ctx, launch)
		if err == nil {
			return engine, nil
		}
		// Between choosing a port and the engine's taking it another program may have been faster.
		if try == portTries || !isPortTaken(err) {
			return nil, err
		}
	}
}

func startOnce(ctx context.Context, launch launch) (*engine, error) {
	port, err := reservePort()
	if err != nil {
		return nil, err
	}
	child, err := launch(port.number)
	if err != nil {
		port.release()
		return nil, err
	}
	e := &engine{config: localConfig(port.number), child: child, port: port}
	e.close = sync.OnceValue(e.stop)
	if err := awaitReady(ctx, child, e.config); err != nil {
		child.stop()
		port.release()
		return nil, err
	}
	return e, nil
}

// stop ends the process, and reports one that had ended before.
func (e *engine) stop() error {
	defer e.port.release()
	select {
	case <-e.child.done:
		return fmt.Errorf("dynamotest: %w before it was closed", e.child.exitError())
	default:
		e.child.stop()
		return nil
	}
}

// awaitReady returns when the engine answers a request; the error says what its process printed, if that ended.
func awaitReady(ctx context.Context, child *child, cfg aws.Config) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyWithin, errors.New("it did not answer in "+readyWithin.String()))
	defer cancel()
	asking, ended := child.context(ctx)
	defer ended()
	client := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	for {
		err := ask(asking, client)
		if err == nil {
			return nil
		}
		select {
		case <-child.done:
			return child.exitError()
		case <-ctx.Done():
			return fmt.Errorf("DynamoDB Local at %s: %w (last answer: %w)%s",
				aws.ToString(cfg.BaseEndpoint), context.Cause(ctx), err, child.printed())
		case <-ticker.C:
		}
	}
}

// ask sends one request.
func ask(ctx context.Context, client *dynamodb.Client) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	_, err := client.ListTables(ctx, &dynamodb.ListTablesInput{Limit: aws.Int32(1)})
	return err
}

// isPortTaken tells whether a process ended because it could not have its port, in the words of Java and Docker on the
// systems they run on.
func isPortTaken(err error) bool {
	var exit *exitError
	if !errors.As(err, &exit) {
		return false
	}
	for _, words := range []string{"BindException", "address already in use", "port is already allocated", "ports are not available"} {
		if strings.Contains(exit.output, words) {
			return true
		}
	}
	return false
}
