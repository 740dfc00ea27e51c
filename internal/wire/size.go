package wire

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// ItemSize returns a lower bound of an item's size in bytes as DynamoDB counts it: for a number it
// uses the smallest size of any spelling.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func ItemSize(item map[string]types.AttributeValue) int {
	size := 0
	for name, value := range item {
		size += len(name) + valueSize(value)
	}
	return size
}

func valueSize(value types.AttributeValue) int {
	size := 0
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return len(value.Value)
	case *types.AttributeValueMemberB:
		return len(value.Value)
	case *types.AttributeValueMemberSS:
		for _, member := range value.Value {
			size += len(member)
		}
	case *types.AttributeValueMemberBS:
		for _, member := range value.Value {
			size += len(member)
		}
	case *types.AttributeValueMemberNS:
		return len(value.Value)
	case *types.AttributeValueMemberL:
		for _, element := range value.Value {
			size += 1 + valueSize(element)
		}
		return size + 3
	case *types.AttributeValueMemberM:
		for name, member := range value.Value {
			size += 1 + len(name) + valueSize(member)
		}
		return size + 3
	default:
		return 1
	}
	return size
}

// RawSize is ItemSize for one value, as wire text.
func RawSize(v Raw) int { return valueSize(v.AttributeValue()) }
