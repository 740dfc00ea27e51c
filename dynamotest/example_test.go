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
	"github.com/dynamapper/dynamapper/engine"
)

// Examples that need a *testing.T are only compiled, because an example has none. The tests of this
// package run the same code.

type Player struct {
	dynamapper.Model `dynamo:"players"`

	Login string `dynamo:"login,hash"`
	Coins int    `dynamo:"coins"`
}

// A test has its own tables, and nothing to clean up.
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

// This test runs a program that connects on its own.
func ExampleRun() {
	var t *testing.T // of the test

	server := dynamotest.Run(t)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", server.Endpoint())
	t.Setenv("AWS_REGION", server.Config().Region)
	mapper, err := dynamapper.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = mapper
}

// This test's reads may be a second old.
func ExampleRunEngine() {
	var t *testing.T // of the test

	dynamotest.RunEngine(t, engine.WithStaleReads(time.Second))
	players, err := dynamapper.TableOf[Player](dynamotest.Mapper(t))
	if err != nil {
		t.Fatal(err)
	}
	_ = players
}

// A program brings its own engine.
func ExampleStart() {
	ctx := context.Background()
	server, err := dynamotest.Start(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	mapper, err := server.Mapper(ctx)
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
	if err := players.Save(ctx, &Player{Login: "waldo", Coins: 200}); err != nil {
		log.Fatal(err)
	}
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(waldo.Login, waldo.Coins)
}

// The program sets the clock of an engine in this process.
func ExampleStartEngine() {
	now := time.Date(2026, time.May, 1, 12, 0, 0, 0, time.UTC)
	server, err := dynamotest.StartEngine(engine.WithClock(func() time.Time { return now }))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	ctx := context.Background()
	mapper, err := server.Mapper(ctx)
	if err != nil {
		log.Fatal(err)
	}
	sessions, err := dynamapper.TableOf[Session](mapper)
	if err != nil {
		log.Fatal(err)
	}
	if err := sessions.CreateTable(ctx); err != nil {
		log.Fatal(err)
	}
	if err := sessions.Save(ctx, &Session{Token: "s1", Expires: now.Add(time.Hour)}); err != nil {
		log.Fatal(err)
	}
	for range 2 {
		n, err := sessions.Scan().Consistent().Count(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(n)
		now = now.Add(2 * time.Hour)
	}
	// Output:
	// 1
	// 0
}

// The response to a purchase is lost. The player has paid once all the same.
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
	err = players.Save(t.Context(), waldo, dynamapper.FailOnConflict(), dynamapper.Idempotent())
	if err != nil {
		t.Fatal(err)
	}
	stored, err := players.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent())
	if err != nil || stored.Coins != 50 || line.Sent("TransactWriteItems") != 2 {
		t.Errorf("%v, %v", stored, err)
	}
}

// One response in three is lost, whatever the operation.
func ExampleFaults_Each() {
	line := dynamotest.NewFaults()
	line.Each("", func(n int) dynamotest.Fault {
		if n%3 == 0 {
			return dynamotest.Lose()
		}
		return nil
	})
}

// Another player buys after a purchase whose response is lost, before its caller sees the loss.
func ExampleAfter() {
	line := dynamotest.NewFaults()
	line.On("UpdateItem", 1, dynamotest.After(dynamotest.Lose(), func() {
		// the other purchase, by a mapper that is not on the line
	}))
}

// The service refuses two requests, and then accepts the third.
func ExampleRefuse() {
	line := dynamotest.NewFaults()
	for n := range 2 {
		line.On("PutItem", n+1, dynamotest.Refuse(http.StatusBadRequest, "ThrottlingException"))
	}
}

// This fault applies the request twice, as a proxy that repeats it does.
func ExampleFault() {
	line := dynamotest.NewFaults()
	line.On("PutItem", 1, func(
		request *http.Request, send func() (*http.Response, error),
	) (*http.Response, error) {
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

// Another client uses the line.
func ExampleFaults_Config() {
	var t *testing.T // of the test

	line := dynamotest.NewFaults()
	client := dynamodb.NewFromConfig(line.Config(dynamotest.Run(t)))
	line.On("ListTables", 1, dynamotest.Cut())
	if _, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err == nil {
		t.Error("half a response was taken for a whole one")
	}
}

// A client on the line keeps the program's configuration, with its timeouts and retries.
func ExampleFaults_Through() {
	var t *testing.T // of the test

	cfg := dynamotest.Run(t).Config() // in place of the program's configuration
	line := dynamotest.NewFaults()
	mapper, err := dynamapper.Connect(t.Context(), dynamapper.WithConfig(line.Through(cfg)))
	if err != nil {
		t.Fatal(err)
	}
	_ = mapper
}

// If a planned fault never happens, a test may pass without having tested anything.
func ExampleFaults_Pending() {
	var t *testing.T // of the test

	line := dynamotest.NewFaults()
	line.On("TransactWriteItems", 2, dynamotest.Lose())
	// the purchase
	if pending := line.Pending(); len(pending) > 0 {
		t.Error("the purchase did not come to", pending)
	}
}

// The service has applied the update, but the caller's deadline passes before the response.
func ExampleSilence() {
	var t *testing.T // of the test

	line := dynamotest.NewFaults()
	line.On("UpdateItem", 1, dynamotest.Silence(nil))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_ = ctx // pass it to the purchase, which returns ErrUnknownOutcome
}

// Another client uses the engine beside the mapper.
func ExampleServer_Config() {
	var t *testing.T // of the test

	client := dynamodb.NewFromConfig(dynamotest.Run(t).Config())
	tables, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(tables.TableNames)
}

// Another program reaches the engine through AWS_ENDPOINT_URL_DYNAMODB.
func ExampleServer_Endpoint() {
	var t *testing.T // of the test

	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamotest.Run(t).Endpoint())
}

// This table accepts one write unit a second, and all reads.
func ExampleServer_Engine() {
	var t *testing.T // of the test

	dynamotest.RunEngine(t).Engine().Throttle("players", -1, 1)
	// what the program does with its players
}

func ExampleServer_Mapper() {
	ctx := context.Background()
	server, err := dynamotest.Start(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	mapper, err := server.Mapper(ctx, dynamapper.WithTablePrefix("demo-"))
	if err != nil {
		log.Fatal(err)
	}
	_ = mapper
}
