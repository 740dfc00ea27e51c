package dynamotest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// These examples are compiled and not run: they need a test, or an engine of their own.

type Player struct {
	dynamapper.Model `dynamo:"players"`

	Login string `dynamo:"login,hash"`
	Coins int    `dynamo:"coins"`
}

// A test has tables of its own, and nothing to clean up.
func ExampleMapper() {
	var t *testing.T // of the test

	players, err := dynamapper.TableOf[Player](dynamotest.Mapper(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := players.CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := players.Save(t.Context(), &Player{Login: "waldo", Coins: 200}); err != nil {
		t.Fatal(err)
	}
}

// A test of a program that connects by itself.
func ExampleRun() {
	var t *testing.T // of the test

	engine := dynamotest.Run(t)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.Endpoint())
	t.Setenv("AWS_REGION", engine.Config().Region)
	mapper, err := dynamapper.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = mapper
}

// A program that brings its engine along.
func ExampleStart() {
	ctx := context.Background()
	engine, err := dynamotest.Start(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()

	fmt.Println("DynamoDB listens on", engine.Endpoint())
}

// A purchase whose answer is lost: the player has paid once all the same.
func ExampleFaults() {
	var t *testing.T // of the test

	line := dynamotest.NewFaults()
	players, err := dynamapper.TableOf[Player](line.Mapper(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := players.CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	waldo := &Player{Login: "waldo", Coins: 200}
	if err := players.Save(t.Context(), waldo); err != nil {
		t.Fatal(err)
	}

	line.On("TransactWriteItems", 1, dynamotest.Lose())
	waldo.Coins -= 150
	if err := players.Save(t.Context(), waldo, dynamapper.FailOnConflict(), dynamapper.Idempotent()); err != nil {
		t.Fatal(err)
	}
	stored, err := players.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent())
	if err != nil || stored.Coins != 50 || line.Sent("TransactWriteItems") != 2 {
		t.Errorf("%v, %v", stored, err)
	}
}

// One answer in three is lost, whatever it answers.
func ExampleFaults_Each() {
	line := dynamotest.NewFaults()
	line.Each("", func(n int) dynamotest.Fault {
		if n%3 == 0 {
			return dynamotest.Lose()
		}
		return nil
	})
}

// Another player buys between a purchase that lost its answer and what its caller sees of it.
func ExampleAfter() {
	line := dynamotest.NewFaults()
	line.On("UpdateItem", 1, dynamotest.After(dynamotest.Lose(), func() {
		// the other purchase, by a mapper with a line of its own
	}))
}

// The service is busy twice, and then is not.
func ExampleRefuse() {
	line := dynamotest.NewFaults()
	for n := range 2 {
		line.On("PutItem", n+1, dynamotest.Refuse(http.StatusBadRequest, "ThrottlingException"))
	}
}

// A fault of one's own: the request is applied twice, as by a proxy that repeats it.
func ExampleFault() {
	line := dynamotest.NewFaults()
	line.On("PutItem", 1, func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
		first, err := send()
		if err != nil {
			return nil, err
		}
		first.Body.Close()
		request.Body = io.NopCloser(bytes.NewReader(body))
		return send()
	})
}

// A client of one's own at the end of the line.
func ExampleFaults_Config() {
	var t *testing.T // of the test

	line := dynamotest.NewFaults()
	client := dynamodb.NewFromConfig(line.Config(dynamotest.Run(t)))
	line.On("ListTables", 1, dynamotest.Cut())
	if _, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err == nil {
		t.Error("half an answer was taken for one")
	}
}

// A client whose configuration is the program's own, with its time-outs and its retries.
func ExampleFaults_Through() {
	var t *testing.T // of the test

	cfg := dynamotest.Run(t).Config() // in place of the program's
	line := dynamotest.NewFaults()
	mapper, err := dynamapper.Connect(t.Context(), dynamapper.WithConfig(line.Through(cfg)))
	if err != nil {
		t.Fatal(err)
	}
	_ = mapper
}

// A fault that never came would let a test pass that has tested nothing.
func ExampleFaults_Pending() {
	var t *testing.T // of the test

	line := dynamotest.NewFaults()
	line.On("TransactWriteItems", 2, dynamotest.Lose())
	// the purchase
	if pending := line.Pending(); len(pending) > 0 {
		t.Error("the purchase did not come to", pending)
	}
}

// The service has applied the update, and says nothing before the caller's time is up.
func ExampleSilence() {
	var t *testing.T // of the test

	line := dynamotest.NewFaults()
	line.On("UpdateItem", 1, dynamotest.Silence(nil))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_ = ctx // of the purchase: it ends with ErrUnknownOutcome
}

func ExampleServer() {
	ctx := context.Background()
	engine, err := dynamotest.Start(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()

	mapper, err := engine.Mapper(ctx)
	if err != nil {
		log.Fatal(err)
	}
	players, err := dynamapper.TableOf[Player](mapper)
	if err != nil {
		log.Fatal(err)
	}
	if err := players.EnsureTable(ctx); err != nil {
		log.Fatal(err)
	}
}

func ExampleServer_Close() {
	engine, err := dynamotest.Start(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	if err := engine.Close(); err != nil {
		log.Print(err) // the engine had ended before
	}
}

// A client of one's own beside the mapper.
func ExampleServer_Config() {
	var t *testing.T // of the test

	client := dynamodb.NewFromConfig(dynamotest.Run(t).Config())
	tables, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(tables.TableNames)
}

// For another program: AWS_ENDPOINT_URL_DYNAMODB.
func ExampleServer_Endpoint() {
	var t *testing.T // of the test

	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamotest.Run(t).Endpoint())
}

func ExampleServer_Mapper() {
	ctx := context.Background()
	engine, err := dynamotest.Start(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()

	mapper, err := engine.Mapper(ctx, dynamapper.WithTablePrefix("demo-"))
	if err != nil {
		log.Fatal(err)
	}
	_ = mapper
}
