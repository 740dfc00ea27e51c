package protocol

// CreateTableInput is the input of CreateTable.
type CreateTableInput struct {
	TableName                          *string
	AttributeDefinitions               []AttributeDefinition
	BillingMode                        *string
	DeletionProtectionEnabled          *bool
	GlobalSecondaryIndexes             []GlobalSecondaryIndex
	GlobalTableSettingsReplicationMode *string
	GlobalTableSourceArn               *string
	KeySchema                          []KeySchemaElement
	LocalSecondaryIndexes              []LocalSecondaryIndex
	OnDemandThroughput                 *OnDemandThroughput
	ProvisionedThroughput              *ProvisionedThroughput
	ResourcePolicy                     *string
	SSESpecification                   *SSESpecification
	StreamSpecification                *StreamSpecification
	TableClass                         *string
	Tags                               []Tag
	VectorIndexes                      []VectorIndex
	WarmThroughput                     *WarmThroughput
}

// DeleteTableInput is the input of DeleteTable.
type DeleteTableInput struct {
	TableName *string
}

// DescribeTableInput is the input of DescribeTable.
type DescribeTableInput struct {
	TableName *string
}

// ListTablesInput is the input of ListTables.
type ListTablesInput struct {
	ExclusiveStartTableName *string
	Limit                   *int64
}

// UpdateTableInput is the input of UpdateTable.
type UpdateTableInput struct {
	TableName                          *string
	AttributeDefinitions               []AttributeDefinition
	BillingMode                        *string
	DeletionProtectionEnabled          *bool
	DisassociationProtectionEnabled    *bool
	GlobalSecondaryIndexUpdates        []GlobalSecondaryIndexUpdate
	GlobalTableSettingsReplicationMode *string
	GlobalTableWitnessUpdates          []GlobalTableWitnessGroupUpdate
	MultiRegionConsistency             *string
	OnDemandThroughput                 *OnDemandThroughput
	ProvisionedThroughput              *ProvisionedThroughput
	ReplicaUpdates                     []ReplicationGroupUpdate
	SSESpecification                   *SSESpecification
	StreamSpecification                *StreamSpecification
	TableClass                         *string
	VectorIndexUpdates                 []VectorIndexUpdate
	WarmThroughput                     *WarmThroughput
}

// DescribeTimeToLiveInput is the input of DescribeTimeToLive.
type DescribeTimeToLiveInput struct {
	TableName *string
}

// UpdateTimeToLiveInput is the input of UpdateTimeToLive.
type UpdateTimeToLiveInput struct {
	TableName               *string
	TimeToLiveSpecification *TimeToLiveSpecification
}

// UpdateContinuousBackupsInput is the input of UpdateContinuousBackups.
type UpdateContinuousBackupsInput struct {
	TableName                        *string
	PointInTimeRecoverySpecification *PointInTimeRecoverySpecification
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	ResourceArn *string
	Tags        []Tag
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	ResourceArn *string
	TagKeys     []string
}

// ListTagsOfResourceInput is the input of ListTagsOfResource.
type ListTagsOfResourceInput struct {
	ResourceArn *string
	NextToken   *string
}

// DescribeLimitsInput is the input of DescribeLimits.
type DescribeLimitsInput struct {
}

// DescribeEndpointsInput is the input of DescribeEndpoints.
type DescribeEndpointsInput struct {
}

// AttributeDefinition is the type of a key attribute.
type AttributeDefinition struct {
	AttributeName *string
	AttributeType *string
}

// GlobalSecondaryIndex is a global index of a new table.
type GlobalSecondaryIndex struct {
	IndexName             *string
	KeySchema             []KeySchemaElement
	Projection            *Projection
	OnDemandThroughput    *OnDemandThroughput
	ProvisionedThroughput *ProvisionedThroughput
	WarmThroughput        *WarmThroughput
}

// KeySchemaElement is an attribute of a key.
type KeySchemaElement struct {
	AttributeName *string
	KeyType       *string
}

// LocalSecondaryIndex is a local index of a new table.
type LocalSecondaryIndex struct {
	IndexName  *string
	KeySchema  []KeySchemaElement
	Projection *Projection
}

// OnDemandThroughput limits what a table or index without provisioned capacity may use.
type OnDemandThroughput struct {
	MaxReadRequestUnits  *int64
	MaxWriteRequestUnits *int64
}

// ProvisionedThroughput is the capacity of a table or index.
type ProvisionedThroughput struct {
	ReadCapacityUnits  *int64
	WriteCapacityUnits *int64
}

// SSESpecification says how a table is encrypted.
type SSESpecification struct {
	Enabled        *bool
	KMSMasterKeyId *string
	SSEType        *string
}

// StreamSpecification says whether a table has a stream, and what its records contain.
type StreamSpecification struct {
	StreamEnabled  *bool
	StreamViewType *string
}

// Tag is a tag of a table.
type Tag struct {
	Key   *string
	Value *string
}

// VectorIndex is a vector index of a new table.
type VectorIndex struct {
	Dimensions       *int64
	DistanceFunction *string
	IndexName        *string
	Projection       *Projection
	VectorAttribute  *VectorAttributeDefinition
	SearchSchema     []SearchSchemaElement
}

// WarmThroughput is the capacity that a table or index is ready for.
type WarmThroughput struct {
	ReadUnitsPerSecond  *int64
	WriteUnitsPerSecond *int64
}

// GlobalSecondaryIndexUpdate is a change of a global index. It has one member.
type GlobalSecondaryIndexUpdate struct {
	Create *CreateGlobalSecondaryIndexAction
	Delete *DeleteGlobalSecondaryIndexAction
	Update *UpdateGlobalSecondaryIndexAction
}

// VectorIndexUpdate is a change of a vector index. It has one member.
type VectorIndexUpdate struct {
	Create *CreateVectorIndexAction
	Delete *DeleteVectorIndexAction
}

// TimeToLiveSpecification says whether the items of a table expire, and when.
type TimeToLiveSpecification struct {
	AttributeName *string
	Enabled       *bool
}

// PointInTimeRecoverySpecification says whether a table can be restored to a time, and how far
// back.
type PointInTimeRecoverySpecification struct {
	PointInTimeRecoveryEnabled *bool
	RecoveryPeriodInDays       *int64
}

// Projection selects the attributes that an index has of its table's items.
type Projection struct {
	NonKeyAttributes []string
	ProjectionType   *string
}

// VectorAttributeDefinition is the attribute with the vectors of an index.
type VectorAttributeDefinition struct {
	AttributeName *string
}

// SearchSchemaElement is an attribute that a search of a vector index may filter by.
type SearchSchemaElement struct {
	AttributeName           *string
	SearchSchemaElementType *string
}

// CreateGlobalSecondaryIndexAction adds a global index.
type CreateGlobalSecondaryIndexAction struct {
	IndexName             *string
	KeySchema             []KeySchemaElement
	Projection            *Projection
	OnDemandThroughput    *OnDemandThroughput
	ProvisionedThroughput *ProvisionedThroughput
	WarmThroughput        *WarmThroughput
}

// DeleteGlobalSecondaryIndexAction drops a global index.
type DeleteGlobalSecondaryIndexAction struct {
	IndexName *string
}

// UpdateGlobalSecondaryIndexAction changes the capacity of a global index.
type UpdateGlobalSecondaryIndexAction struct {
	IndexName             *string
	OnDemandThroughput    *OnDemandThroughput
	ProvisionedThroughput *ProvisionedThroughput
	WarmThroughput        *WarmThroughput
}

// CreateVectorIndexAction adds a vector index.
type CreateVectorIndexAction struct {
	Dimensions       *int64
	DistanceFunction *string
	IndexName        *string
	Projection       *Projection
	VectorAttribute  *VectorAttributeDefinition
	SearchSchema     []SearchSchemaElement
}

// DeleteVectorIndexAction drops a vector index.
type DeleteVectorIndexAction struct {
	IndexName *string
}
