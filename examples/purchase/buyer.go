package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// buyerVariable holds the errand of a buyer. It makes a process of this program a buyer.
const buyerVariable = "DYNAMAPPER_PURCHASE_ERRAND"

// errand is the purchase that a buyer must make.
type errand struct {
	Prefix         string // of the tables' names
	ID, Login, SKU string
	// the index of the moment at which the buyer waits to be killed; noHalt is none
	Halt int
}

const noHalt = -1

// here is printed by a buyer when its moment has come. Anything else that it prints is the
// response.
const here = "here"

func isBuyer() bool { return os.Getenv(buyerVariable) != "" }

// buyerMain is the main function of a buyer's process; it returns the exit status. If the buyer's
// input ends, the process that started it has ended, and the buyer ends too.
func buyerMain() int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	if err := runErrand(ctx, os.Getenv(buyerVariable), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// runErrand makes the purchase. A buyer that is to be killed does not complete it.
func runErrand(ctx context.Context, text string, stdout io.Writer) error {
	var e errand
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return err
	}
	wait := func() { <-ctx.Done() }
	line := dynamotest.NewFaults()
	if e.Halt != noHalt {
		at := moments[e.Halt]
		line.On(at.operation, at.n, at.fault(func() { fmt.Fprintln(stdout, here) }, wait))
	}
	shop, err := visitShop(ctx, line, e.Prefix)
	if err != nil {
		return err
	}
	purchase, err := shop.buy(ctx, e.ID, e.Login, e.SKU)
	if err != nil {
		return err
	}
	if e.Halt != noHalt {
		wait()
		return errors.New("the buyer was not killed")
	}
	_, err = fmt.Fprintln(stdout, purchase.At.Format(time.RFC3339Nano))
	return err
}

// visitShop connects to the shop through a line, to the engine that the environment names.
func visitShop(ctx context.Context, line *dynamotest.Faults, prefix string) (*shop, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	mapper, err := dynamapper.Connect(ctx, dynamapper.WithConfig(line.Through(cfg)),
		dynamapper.WithTablePrefix(prefix))
	if err != nil {
		return nil, err
	}
	return newShop(mapper)
}
