package dynamotest

import (
	"fmt"
	"io"
	"net"
	"strconv"
)

// port is a TCP port for an engine. Its number is held, for as long as the engine lives, by a UDP socket of the same
// number: the two do not get in each other's way, and no other process that chooses its port like this can be given the
// same one. Two engines would otherwise now and then race for a port, and the loser take the winner's answers for those
// of its own engine.
type port struct {
	number int
	holder io.Closer
}

// reservePort chooses a port that is free.
func reservePort() (*port, error) {
	var err error
	for range portTries {
		var chosen *port
		if chosen, err = tryPort(); err == nil {
			return chosen, nil
		}
	}
	return nil, fmt.Errorf("a free port for the engine: %w", err)
}

func tryPort() (*port, error) {
	holder, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	number := holder.LocalAddr().(*net.UDPAddr).Port
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(number)))
	if err != nil {
		holder.Close()
		return nil, err
	}
	return &port{number: number, holder: holder}, listener.Close()
}

func (p *port) release() {
	p.holder.Close()
}
