package service

import (
	"context"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// describeEndpoints answers DescribeEndpoints with the host that the request was sent to. A client
// that asks sends its further requests there.
func describeEndpoints(
	_ *Service, ctx context.Context, _ *protocol.DescribeEndpointsInput, out *protocol.Writer,
) error {
	out.Object()
	out.Key("Endpoints")
	out.Array()
	out.Object()
	putString(out, "Address", protocol.Host(ctx))
	putInt(out, "CachePeriodInMinutes", 1440)
	out.End()
	out.End()
	out.End()
	return nil
}
