package service

import (
	"context"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// describeLimits answers DescribeLimits with the limits of a new account.
func describeLimits(
	_ *Service, _ context.Context, _ *protocol.DescribeLimitsInput, out *protocol.Writer,
) error {
	out.Object()
	putInt(out, "AccountMaxReadCapacityUnits", 80000)
	putInt(out, "AccountMaxWriteCapacityUnits", 80000)
	putInt(out, "TableMaxReadCapacityUnits", 40000)
	putInt(out, "TableMaxWriteCapacityUnits", 40000)
	out.End()
	return nil
}
