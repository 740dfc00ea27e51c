package protocol

// PutItemInput is the input of PutItem.
type PutItemInput struct {
	Request

	Item                                *Item
	TableName                           *string
	ConditionExpression                 *string
	ConditionalOperator                 *string
	Expected                            Map[ExpectedAttributeValue]
	ExpressionAttributeNames            Map[string]
	ExpressionAttributeValues           *Item
	ReturnConsumedCapacity              *string
	ReturnItemCollectionMetrics         *string
	ReturnValues                        *string
	ReturnValuesOnConditionCheckFailure *string
}

// GetItemInput is the input of GetItem.
type GetItemInput struct {
	Request

	Key                      *Item
	TableName                *string
	AttributesToGet          []string
	ConsistentRead           *bool
	ExpressionAttributeNames Map[string]
	ProjectionExpression     *string
	ReturnConsumedCapacity   *string
}

// UpdateItemInput is the input of UpdateItem.
type UpdateItemInput struct {
	Request

	Key                                 *Item
	TableName                           *string
	AttributeUpdates                    Map[AttributeValueUpdate]
	ConditionExpression                 *string
	ConditionalOperator                 *string
	Expected                            Map[ExpectedAttributeValue]
	ExpressionAttributeNames            Map[string]
	ExpressionAttributeValues           *Item
	ReturnConsumedCapacity              *string
	ReturnItemCollectionMetrics         *string
	ReturnValues                        *string
	ReturnValuesOnConditionCheckFailure *string
	UpdateExpression                    *string
}

// DeleteItemInput is the input of DeleteItem.
type DeleteItemInput struct {
	Request

	Key                                 *Item
	TableName                           *string
	ConditionExpression                 *string
	ConditionalOperator                 *string
	Expected                            Map[ExpectedAttributeValue]
	ExpressionAttributeNames            Map[string]
	ExpressionAttributeValues           *Item
	ReturnConsumedCapacity              *string
	ReturnItemCollectionMetrics         *string
	ReturnValues                        *string
	ReturnValuesOnConditionCheckFailure *string
}

// ExpectedAttributeValue is a legacy condition of a write on an attribute.
type ExpectedAttributeValue struct {
	AttributeValueList []Value
	ComparisonOperator *string
	Exists             *bool
	Value              *Value
}

// AttributeValueUpdate is a legacy change of an attribute.
type AttributeValueUpdate struct {
	Action *string
	Value  *Value
}

// QueryInput is the input of Query.
type QueryInput struct {
	Request

	TableName                 *string
	AttributesToGet           []string
	ConditionalOperator       *string
	ConsistentRead            *bool
	ExclusiveStartKey         *Item
	ExpressionAttributeNames  Map[string]
	ExpressionAttributeValues *Item
	FilterExpression          *string
	IndexName                 *string
	KeyConditionExpression    *string
	KeyConditions             Map[Condition]
	Limit                     *int64
	ProjectionExpression      *string
	QueryFilter               Map[Condition]
	ReturnConsumedCapacity    *string
	ScanIndexForward          *bool
	Select                    *string
}

// ScanInput is the input of Scan.
type ScanInput struct {
	Request

	TableName                 *string
	AttributesToGet           []string
	ConditionalOperator       *string
	ConsistentRead            *bool
	ExclusiveStartKey         *Item
	ExpressionAttributeNames  Map[string]
	ExpressionAttributeValues *Item
	FilterExpression          *string
	IndexName                 *string
	Limit                     *int64
	ProjectionExpression      *string
	ReturnConsumedCapacity    *string
	ScanFilter                Map[Condition]
	Segment                   *int64
	Select                    *string
	TotalSegments             *int64
}

// Condition is a legacy condition of a Query or Scan on an attribute.
type Condition struct {
	ComparisonOperator *string
	AttributeValueList []Value
}

// SearchVectorsInput is the input of SearchVectors.
type SearchVectorsInput struct {
	Request

	IndexName                 *string
	SearchVector              []Value
	TableName                 *string
	TopK                      *int64
	ExpressionAttributeNames  Map[string]
	ExpressionAttributeValues *Item
	ProjectionExpression      *string
	ReturnConsumedCapacity    *string
	SearchConditionExpression *string
}
