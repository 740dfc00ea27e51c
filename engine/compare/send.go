package main

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// runMark stands in requests for the number of the run. Each replay of a history has a new number,
// so that its tables and tokens are new. The mark is as long as the number that replaces it.
const runMark = "RUN~NO"

// arnMark stands in requests for the beginning of an endpoint's ARNs.
const arnMark = "arn:aws:dynamodb:region:000000000000:"

// A caller sends an HTTP request: an *http.Client, or an engine in this process.
type caller interface {
	Do(*http.Request) (*http.Response, error)
}

// An endpoint is one of the two services that are compared.
type endpoint struct {
	name   string
	url    string
	caller caller
	arn    string // the beginning of its ARNs, taken from its first table
}

// A rawResponse is a response before normalisation.
type rawResponse struct {
	status int
	body   any    // the tree, or the text if the body is not JSON
	fault  string // what is wrong with the response itself; "" if nothing
}

var arnStart = regexp.MustCompile(`arn:aws:dynamodb:[^:/"]*:[0-9]*:`)

const authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/dynamodb/" +
	"aws4_request, SignedHeaders=host;x-amz-date, Signature=0123"

// send sends one request of a run. It panics if the endpoint does not respond at all, because
// nothing can be compared then.
func (e *endpoint) send(run int, operation, body string) rawResponse {
	number := fmt.Sprintf("Q%05s", strings.ToUpper(strconv.FormatInt(int64(run), 36)))
	body = strings.ReplaceAll(body, runMark, number)
	if e.arn != "" {
		body = strings.ReplaceAll(body, arnMark, e.arn)
	}
	request, err := http.NewRequest(http.MethodPost, e.url, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", target(operation))
	request.Header.Set("X-Amz-Date", "20260101T000000Z")
	request.Header.Set("Authorization", authorization)
	response, err := e.caller.Do(request)
	if err != nil {
		panic(fmt.Errorf("%s does not respond to %s %.300s: %w", e.name, operation, body, err))
	}
	defer response.Body.Close()
	received, err := io.ReadAll(response.Body)
	if err != nil {
		panic(fmt.Errorf("%s breaks off its response to %s: %w", e.name, operation, err))
	}
	return e.read(number, response, received)
}

// read makes a rawResponse of a response. It puts the marks back in place of the run's number and
// the beginning of the ARNs.
func (e *endpoint) read(number string, response *http.Response, body []byte) rawResponse {
	fault := responseFault(response, body)
	if e.arn == "" {
		e.arn = string(arnStart.Find(body))
	}
	body = bytes.ReplaceAll(body, []byte(number), []byte(runMark))
	body = arnStart.ReplaceAll(body, []byte(arnMark))
	tree, err := parse(body)
	if err != nil {
		return rawResponse{response.StatusCode, string(body), "not JSON: " + err.Error()}
	}
	return rawResponse{response.StatusCode, tree, fault}
}

// responseFault returns what is wrong with a response's header.
func responseFault(response *http.Response, body []byte) string {
	checksum := strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)
	switch {
	case response.Header.Get("Content-Type") != "application/x-amz-json-1.0":
		return "Content-Type: " + response.Header.Get("Content-Type")
	case response.Header.Get("X-Amz-Crc32") != checksum:
		return "X-Amz-Crc32 does not match the body"
	case response.Header.Get("X-Amzn-Requestid") == "":
		return "no X-Amzn-Requestid"
	}
	return ""
}

// target returns the header that names an operation.
func target(operation string) string {
	switch operation {
	case "ListStreams", "DescribeStream", "GetShardIterator", "GetRecords":
		return "DynamoDBStreams_20120810." + operation
	}
	return "DynamoDB_20120810." + operation
}
