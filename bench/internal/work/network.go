package work

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// network returns the configuration of a contender whose requests the given client answers. Except
// for the HTTP client or the endpoint it has the SDK's defaults.
type network func(aws.HTTPClient) aws.Config

// inMemory sends no request: the client takes the place of the SDK's.
func inMemory(client aws.HTTPClient) aws.Config {
	return aws.Config{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("bench", "bench",
			""), HTTPClient: client,
	}
}

// overLoopback sends the requests with the SDK's own HTTP client to a server in this process, which
// passes them to the client.
func overLoopback(client aws.HTTPClient) aws.Config {
	config := inMemory(nil)
	config.BaseEndpoint = aws.String(serve(client))
	return config
}

// serve starts a server that lives as long as the process, and returns its address. It panics if no
// port is free.
func serve(client aws.HTTPClient) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serveConn(conn, client)
		}
	}()
	return "http://" + listener.Addr().String()
}

// serveConn answers the requests of a connection until it is closed. It knows only what the SDK
// sends, so that its share of the measured time is small.
func serveConn(conn net.Conn, client aws.HTTPClient) {
	defer conn.Close()
	from, to := bufio.NewReader(conn), bufio.NewWriter(conn)
	var body []byte
	for {
		request, err := readRequest(from, &body)
		if err != nil {
			return
		}
		response, err := client.Do(request)
		if err == nil {
			err = errors.Join(response.Write(to), to.Flush())
		}
		if err != nil {
			return
		}
	}
}

// readRequest reads the target of a request and its body, into a buffer that it grows.
func readRequest(from *bufio.Reader, buffer *[]byte) (*http.Request, error) {
	length, target := 0, ""
	for {
		line, err := from.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		name, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte(": "))
		switch {
		case len(name) == 0:
			*buffer = append((*buffer)[:0], make([]byte, length)...)
			_, err := io.ReadFull(from, *buffer)
			return &http.Request{Header: http.Header{targetHeader: {target}},
				Body: io.NopCloser(bytes.NewReader(*buffer))}, err
		case strings.EqualFold(string(name), "Content-Length"):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return nil, err
			}
		case strings.EqualFold(string(name), targetHeader):
			target = string(value)
		}
	}
}

// targetHeader names the operation.
const targetHeader = "X-Amz-Target"
