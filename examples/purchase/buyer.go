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

// buyerVariable makes a process of this program a buyer: it has the errand.
const buyerVariable = "DYNAMAPPER_PURCHASE_ERRAND"

// errand is the purchase that a buyer is to make.
type errand struct {
	Prefix         string // of the tables' names
	ID, Login, SKU string
	Halt           int // the moment, by its index, at which it waits to be killed; noHalt is none
}

const noHalt = -1

// here is what a buyer prints when its moment has come. What else it prints is the answer.
const here = "here"

func isBuyer() bool { return os.Getenv(buyerVariable) != "" }

// buyerMain is the main function of a buyer's process; it returns the exit status. The end of its input is the end of the
// process that has started it, which nobody else would tell.
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

// runErrand makes the purchase. Where it is to be killed it never comes to its end before.
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

// visitShop connects to the shop through a line, where the environment says.
func visitShop(ctx context.Context, line *dynamotest.Faults, prefix string) (*shop, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	mapper, err := dynamapper.Connect(ctx, dynamapper.WithConfig(line.Through(cfg)), dynamapper.WithTablePrefix(prefix))
	if err != nil {
		return nil, err
	}
	return newShop(mapper)
}
