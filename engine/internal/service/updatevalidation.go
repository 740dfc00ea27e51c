package service

import (
	"slices"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// checkUpdate checks an UpdateTable as far as possible without the table, in the service's order.
func checkUpdate(in *protocol.UpdateTableInput) error {
	if err := updateConstraints(in).err(); err != nil {
		return err
	}
	if err := checkClass(in.TableClass); err != nil {
		return err
	}
	for _, check := range []func(*protocol.UpdateTableInput) error{
		checkUpdateUnits, refuseUnsupportedUpdate, checkSomething, checkAlone,
	} {
		if err := check(in); err != nil {
			return err
		}
	}
	if err := checkStreamUpdate(in.StreamSpecification); err != nil {
		return err
	}
	if err := checkEncryption(in.SSESpecification); err != nil {
		return err
	}
	if err := checkIndexActions(in); err != nil {
		return err
	}
	if err := checkVectorActions(in); err != nil {
		return err
	}
	return checkCombination(in)
}

func checkUpdateUnits(in *protocol.UpdateTableInput) error {
	if isOnDemand(in.BillingMode) && in.ProvisionedThroughput != nil {
		return invalid(unitsOnDemand)
	}
	if err := checkBounds(in.ProvisionedThroughput); err != nil {
		return err
	}
	for _, update := range in.GlobalSecondaryIndexUpdates {
		if update.Update != nil {
			if err := checkBounds(update.Update.ProvisionedThroughput); err != nil {
				return err
			}
		}
	}
	return nil
}

// refuseUnsupportedUpdate refuses replicas, as the service does in a region that offers none, and
// other features that the engine does not support.
func refuseUnsupportedUpdate(in *protocol.UpdateTableInput) error {
	switch {
	case in.ReplicaUpdates != nil:
		return refuseReplicas(in.ReplicaUpdates)
	case in.GlobalTableWitnessUpdates != nil:
		return unsupported("GlobalTableWitnessUpdates")
	case in.MultiRegionConsistency != nil:
		return unsupported("MultiRegionConsistency")
	case in.GlobalTableSettingsReplicationMode != nil:
		return unsupported("GlobalTableSettingsReplicationMode")
	case in.DisassociationProtectionEnabled != nil:
		return unsupported("DisassociationProtectionEnabled")
	}
	return nil
}

func refuseReplicas(updates []protocol.ReplicationGroupUpdate) error {
	for _, update := range updates {
		var in *string
		switch {
		case update.Create != nil:
			in = update.Create.RegionName
		case update.Delete != nil:
			in = update.Delete.RegionName
		case update.Update != nil:
			in = update.Update.RegionName
		case update.Disassociate != nil:
			in = update.Disassociate.RegionName
		default:
			return protocol.Validation(
				"There are no actions specified in the Replica Update Action of the request.")
		}
		if text(in) != region {
			return protocol.Validation("Region %s is not supported. The latest version of global "+
				"tables are only supported in the following regions: [%s]", text(in), region)
		}
	}
	return protocol.Validation("Cannot add or delete the local region through ReplicaUpdates.")
}

// The service's names for the parts of an UpdateTable that must be alone, in the order of its
// checks.
const (
	encryptionPart = "Server-Side Encryption modification"
	classPart      = "TableClass modification"
	protectionPart = "DeletionProtection modification"
	warmPart       = "WarmThroughput"
)

// parts returns the number of changes in an update. A billing mode and units count as one.
func parts(in *protocol.UpdateTableInput) int {
	n := 0
	for _, has := range []bool{
		in.ProvisionedThroughput != nil || in.BillingMode != nil,
		in.StreamSpecification != nil, in.GlobalSecondaryIndexUpdates != nil,
		in.SSESpecification != nil, in.DeletionProtectionEnabled != nil,
		in.OnDemandThroughput != nil, in.WarmThroughput != nil, in.TableClass != nil,
		in.VectorIndexUpdates != nil,
	} {
		if has {
			n++
		}
	}
	return n
}

// checkSomething refuses an update without a change.
func checkSomething(in *protocol.UpdateTableInput) error {
	empty := in.GlobalSecondaryIndexUpdates != nil && len(in.GlobalSecondaryIndexUpdates) == 0
	noVectors := in.VectorIndexUpdates != nil && len(in.VectorIndexUpdates) == 0
	switch n := parts(in); {
	case n == 0, n == 1 && (empty || noVectors):
		return protocol.Validation("At least one of ProvisionedThroughput, BillingMode, " +
			"UpdateStreamEnabled, GlobalSecondaryIndexUpdates, SSESpecification, " +
			"ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, " +
			"MultiRegionConsistency, DeletionProtectionEnabled, OnDemandThroughput, " +
			"WarmThroughput or TableClass is required")
	case empty:
		return invalid("List of GlobalSecondaryIndexUpdates is empty")
	case noVectors:
		return invalid("List of VectorIndexUpdates is empty")
	}
	return checkSomeUnits(in)
}

// checkSomeUnits refuses throughput without members, on which the service fails.
func checkSomeUnits(in *protocol.UpdateTableInput) error {
	if w := in.WarmThroughput; w != nil &&
		w.ReadUnitsPerSecond == nil && w.WriteUnitsPerSecond == nil {
		return &protocol.Error{Code: "InternalFailure"}
	}
	if in.OnDemandThroughput != nil && firstMaximum(in.OnDemandThroughput) == "" {
		return &protocol.Error{Code: "InternalFailure"}
	}
	return nil
}

// checkAlone refuses a part that must be alone if the request has other parts.
func checkAlone(in *protocol.UpdateTableInput) error {
	if parts(in) == 1 {
		return nil
	}
	part := ""
	switch {
	case in.SSESpecification != nil:
		part = encryptionPart
	case in.TableClass != nil:
		part = classPart
	case in.DeletionProtectionEnabled != nil:
		part = protectionPart
	case in.WarmThroughput != nil && hasCreate(in):
		return invalid("Create global secondary index cannot be specified when updating " +
			"WarmThroughput")
	case in.WarmThroughput != nil:
		part = warmPart
	case in.OnDemandThroughput != nil && in.StreamSpecification != nil:
		return invalid("OnDemandThroughput can only be combined with BillingMode in an " +
			"UpdateTable request")
	default:
		return nil
	}
	return invalid("%s must be the only operation in the request", part)
}

func hasCreate(in *protocol.UpdateTableInput) bool {
	return slices.ContainsFunc(in.GlobalSecondaryIndexUpdates,
		func(u protocol.GlobalSecondaryIndexUpdate) bool { return u.Create != nil })
}

// checkCombination refuses to change any two of the units, the stream and the set of indexes.
func checkCombination(in *protocol.UpdateTableInput) error {
	units := in.ProvisionedThroughput != nil
	online := onlineActions(in) > 0
	switch {
	case units && in.StreamSpecification != nil:
		return invalid("You cannot modify stream status while updating table IOPS")
	case units && online:
		return invalid("You cannot create or delete index while updating table IOPS")
	case in.StreamSpecification != nil && online:
		return invalid("You cannot create or delete index while changing stream status")
	}
	return nil
}

// onlineActions returns how many indexes an update creates or deletes.
func onlineActions(in *protocol.UpdateTableInput) int {
	n := 0
	for _, update := range in.GlobalSecondaryIndexUpdates {
		if update.Update == nil {
			n++
		}
	}
	return n + len(in.VectorIndexUpdates)
}

// checkIndexActions checks that each update of an index has one action, and that each is for
// another index.
func checkIndexActions(in *protocol.UpdateTableInput) error {
	var names []string
	for _, update := range in.GlobalSecondaryIndexUpdates {
		n, name := 0, ""
		if update.Update != nil {
			n, name = n+1, *update.Update.IndexName
		}
		if update.Create != nil {
			n, name = n+1, *update.Create.IndexName
		}
		if update.Delete != nil {
			n, name = n+1, *update.Delete.IndexName
		}
		switch {
		case n == 0:
			return invalid("One of GlobalSecondaryIndexUpdate.Update, " +
				"GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not " +
				"be null")
		case n > 1:
			return invalid("Only one global secondary index action is allowed per " +
				"GlobalSecondaryIndexUpdate object")
		case slices.Contains(names, name):
			return invalid("Only one global secondary index update per index is allowed "+
				"simultaneously. Index: %s", name)
		}
		names = append(names, name)
	}
	return nil
}
