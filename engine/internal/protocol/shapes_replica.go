package protocol

// GlobalTableWitnessGroupUpdate is a change of a global table's witness. It has one member.
type GlobalTableWitnessGroupUpdate struct {
	Create *CreateGlobalTableWitnessGroupMemberAction
	Delete *DeleteGlobalTableWitnessGroupMemberAction
}

// ReplicationGroupUpdate is a change of a replica. It has one member.
type ReplicationGroupUpdate struct {
	Create       *CreateReplicationGroupMemberAction
	Delete       *DeleteReplicationGroupMemberAction
	Disassociate *DisassociateReplicationGroupMemberAction
	Update       *UpdateReplicationGroupMemberAction
}

// CreateGlobalTableWitnessGroupMemberAction adds a witness to a global table.
type CreateGlobalTableWitnessGroupMemberAction struct {
	RegionName *string
}

// DeleteGlobalTableWitnessGroupMemberAction drops a witness of a global table.
type DeleteGlobalTableWitnessGroupMemberAction struct {
	RegionName *string
}

// CreateReplicationGroupMemberAction adds a replica.
type CreateReplicationGroupMemberAction struct {
	RegionName                    *string
	GlobalSecondaryIndexes        []ReplicaGlobalSecondaryIndex
	KMSMasterKeyId                *string
	OnDemandThroughputOverride    *OnDemandThroughputOverride
	ProvisionedThroughputOverride *ProvisionedThroughputOverride
	TableClassOverride            *string
}

// DeleteReplicationGroupMemberAction drops a replica.
type DeleteReplicationGroupMemberAction struct {
	RegionName *string
}

// DisassociateReplicationGroupMemberAction removes a replica from its global table.
type DisassociateReplicationGroupMemberAction struct {
	DisassociationMode *string
	RegionName         *string
}

// UpdateReplicationGroupMemberAction changes a replica.
type UpdateReplicationGroupMemberAction struct {
	RegionName                    *string
	GlobalSecondaryIndexes        []ReplicaGlobalSecondaryIndex
	KMSMasterKeyId                *string
	OnDemandThroughputOverride    *OnDemandThroughputOverride
	ProvisionedThroughputOverride *ProvisionedThroughputOverride
	TableClassOverride            *string
}

// ReplicaGlobalSecondaryIndex is a global index of a replica.
type ReplicaGlobalSecondaryIndex struct {
	IndexName                     *string
	OnDemandThroughputOverride    *OnDemandThroughputOverride
	ProvisionedThroughputOverride *ProvisionedThroughputOverride
}

// OnDemandThroughputOverride is a replica's own OnDemandThroughput.
type OnDemandThroughputOverride struct {
	MaxReadRequestUnits *int64
}

// ProvisionedThroughputOverride is a replica's own ProvisionedThroughput.
type ProvisionedThroughputOverride struct {
	ReadCapacityUnits *int64
}
