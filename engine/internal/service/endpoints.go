package service

import (
	"context"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

type hostKey struct{}

// WithHost returns a context of a request that was sent to a host.
func WithHost(ctx context.Context, host string) context.Context {
	return context.WithValue(ctx, hostKey{}, host)
}

// describeEndpoints answers DescribeEndpoints with the host that the request was sent to. A client
// that asks goes on there.
func describeEndpoints(
	_ *Service, ctx context.Context, _ *protocol.DescribeEndpointsInput, out *protocol.Writer,
) error {
	host, ok := ctx.Value(hostKey{}).(string)
	if !ok {
		host = "localhost"
	}
	out.Object()
	out.Key("Endpoints")
	out.Array()
	out.Object()
	putString(out, "Address", host)
	putInt(out, "CachePeriodInMinutes", 1440)
	out.End()
	out.End()
	out.End()
	return nil
}
