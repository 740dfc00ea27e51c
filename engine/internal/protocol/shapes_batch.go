package protocol

// BatchGetItemInput is the input of BatchGetItem.
type BatchGetItemInput struct {
	Request

	RequestItems           Map[KeysAndAttributes]
	ReturnConsumedCapacity *string
}

// KeysAndAttributes selects the items and attributes that BatchGetItem reads from a table.
type KeysAndAttributes struct {
	Keys                     []Item
	AttributesToGet          []string
	ConsistentRead           *bool
	ExpressionAttributeNames Map[string]
	ProjectionExpression     *string
}

// BatchWriteItemInput is the input of BatchWriteItem.
type BatchWriteItemInput struct {
	Request

	RequestItems                Map[[]WriteRequest]
	ReturnConsumedCapacity      *string
	ReturnItemCollectionMetrics *string
}

// WriteRequest is a write of BatchWriteItem. It has one member.
type WriteRequest struct {
	DeleteRequest *DeleteRequest
	PutRequest    *PutRequest
}

// PutRequest is a WriteRequest that puts an item.
type PutRequest struct {
	Item *Item
}

// DeleteRequest is a WriteRequest that deletes an item.
type DeleteRequest struct {
	Key *Item
}

// TransactGetItemsInput is the input of TransactGetItems.
type TransactGetItemsInput struct {
	Request

	TransactItems          []TransactGetItem
	ReturnConsumedCapacity *string
}

// TransactGetItem is a read of TransactGetItems.
type TransactGetItem struct {
	Get *Get
}

// Get is the item that a TransactGetItem reads.
type Get struct {
	Key                      *Item
	TableName                *string
	ExpressionAttributeNames Map[string]
	ProjectionExpression     *string
}

// TransactWriteItemsInput is the input of TransactWriteItems.
type TransactWriteItemsInput struct {
	Request

	TransactItems               []TransactWriteItem
	ClientRequestToken          *string
	ReturnConsumedCapacity      *string
	ReturnItemCollectionMetrics *string
}

// TransactWriteItem is an action of TransactWriteItems. It has one member.
type TransactWriteItem struct {
	ConditionCheck *ConditionCheck
	Delete         *Delete
	Put            *Put
	Update         *Update
}

// ConditionCheck is a TransactWriteItem that only checks a condition.
type ConditionCheck struct {
	ConditionExpression                 *string
	Key                                 *Item
	TableName                           *string
	ExpressionAttributeNames            Map[string]
	ExpressionAttributeValues           *Item
	ReturnValuesOnConditionCheckFailure *string
}

// Put is a TransactWriteItem that puts an item.
type Put struct {
	Item                                *Item
	TableName                           *string
	ConditionExpression                 *string
	ExpressionAttributeNames            Map[string]
	ExpressionAttributeValues           *Item
	ReturnValuesOnConditionCheckFailure *string
}

// Update is a TransactWriteItem that updates an item.
type Update struct {
	Key                                 *Item
	TableName                           *string
	UpdateExpression                    *string
	ConditionExpression                 *string
	ExpressionAttributeNames            Map[string]
	ExpressionAttributeValues           *Item
	ReturnValuesOnConditionCheckFailure *string
}

// Delete is a TransactWriteItem that deletes an item.
type Delete struct {
	Key                                 *Item
	TableName                           *string
	ConditionExpression                 *string
	ExpressionAttributeNames            Map[string]
	ExpressionAttributeValues           *Item
	ReturnValuesOnConditionCheckFailure *string
}
