package service

import (
	"context"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// describeContinuousBackups answers DescribeContinuousBackups: there are no backups. Tools that
// describe every property of a table send it.
func describeContinuousBackups(
	s *Service, _ context.Context, in *protocol.DescribeTableInput, out *protocol.Writer,
) error {
	name, err := checkedName(in.TableName)
	if err != nil {
		return err
	}
	if s.find(name) == nil {
		return &protocol.Error{
			Code: "TableNotFoundException", Message: "Table not found: " + name,
		}
	}
	out.Object()
	out.Key("ContinuousBackupsDescription")
	out.Object()
	putString(out, "ContinuousBackupsStatus", "DISABLED")
	out.Key("PointInTimeRecoveryDescription")
	out.Object()
	putString(out, "PointInTimeRecoveryStatus", "DISABLED")
	out.End()
	out.End()
	out.End()
	return nil
}
