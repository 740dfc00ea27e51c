package pipeline

import (
	"context"
	"crypto/rand"
	"os"
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/schemas"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/middleware"
	smithyrand "github.com/aws/smithy-go/rand"
	"github.com/aws/smithy-go/tracing"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

// Operation is an operation on items.
type Operation int

// The operations that a pipeline sends.
const (
	GetItem Operation = iota
	PutItem
	UpdateItem
	DeleteItem
	Query
	Scan
	BatchGetItem
	BatchWriteItem
	TransactWriteItems
	TransactGetItems
)

var operationNames = [...]string{
	GetItem: "GetItem", PutItem: "PutItem", UpdateItem: "UpdateItem", DeleteItem: "DeleteItem",
	Query: "Query", Scan: "Scan", BatchGetItem: "BatchGetItem", BatchWriteItem: "BatchWriteItem",
	TransactWriteItems: "TransactWriteItems", TransactGetItems: "TransactGetItems",
}

// String returns the name of the operation.
func (o Operation) String() string { return operationNames[o] }

// makeSchemas returns the SDK's descriptions of the operations.
func makeSchemas() [len(operationNames)]*smithy.OperationSchema {
	of := smithy.NewOperationSchema
	return [...]*smithy.OperationSchema{
		GetItem:    of(schemas.GetItem, schemas.GetItemInput, schemas.GetItemOutput),
		PutItem:    of(schemas.PutItem, schemas.PutItemInput, schemas.PutItemOutput),
		UpdateItem: of(schemas.UpdateItem, schemas.UpdateItemInput, schemas.UpdateItemOutput),
		DeleteItem: of(schemas.DeleteItem, schemas.DeleteItemInput, schemas.DeleteItemOutput),
		Query:      of(schemas.Query, schemas.QueryInput, schemas.QueryOutput),
		Scan:       of(schemas.Scan, schemas.ScanInput, schemas.ScanOutput),
		BatchGetItem: of(schemas.BatchGetItem, schemas.BatchGetItemInput,
			schemas.BatchGetItemOutput),
		BatchWriteItem: of(schemas.BatchWriteItem, schemas.BatchWriteItemInput,
			schemas.BatchWriteItemOutput),
		TransactWriteItems: of(schemas.TransactWriteItems, schemas.TransactWriteItemsInput,
			schemas.TransactWriteItemsOutput),
		TransactGetItems: of(schemas.TransactGetItems, schemas.TransactGetItemsInput,
			schemas.TransactGetItemsOutput),
	}
}

// New returns the pipeline of a client. It returns nil if the client has something that only the
// SDK's middleware calls: middleware or interceptors of the user, tracing, metrics, a log of its
// requests, or an endpoint resolver, signer, authorization or protocol of its own.
func New(client *dynamodb.Client) *Pipeline {
	o := client.Options()
	if !isReproduced(&o) {
		return nil
	}
	p := &Pipeline{credentials: o.Credentials, client: o.HTTPClient, retryer: asV2(o.Retryer),
		standard: isStandard(o.Retryer), protocol: o.Protocol,
		skew:        &skew{disabled: o.DisableClockSkewCorrection},
		invocations: *smithyrand.NewUUID(rand.Reader)}
	_, p.inLambda = os.LookupEnv(functionVariable)
	for i, schema := range makeSchemas() {
		p.operations[i].schema = schema
		p.operations[i].values = sdkValues(Operation(i).String(), o.Region)
	}
	return p
}

// sdkValues returns a context with the values by which the SDK describes a request.
func sdkValues(operation, region string) context.Context {
	ctx := middleware.WithServiceID(context.Background(), dynamodb.ServiceID)
	ctx = middleware.WithOperationName(ctx, operation)
	ctx = awsmiddleware.SetServiceID(ctx, dynamodb.ServiceID)
	if region != "" {
		ctx = awsmiddleware.SetRegion(ctx, region)
	}
	return awsmiddleware.SetOperationName(ctx, operation)
}

// isReproduced reports whether the pipeline reproduces what the options of a client say.
func isReproduced(o *dynamodb.Options) bool {
	plain := dynamodb.New(dynamodb.Options{Region: "any", Credentials: o.Credentials}).Options()
	_, signs := o.HTTPSignerV4.(*v4.Signer)
	_, json := o.Protocol.(*awsjson.Protocol)
	_, traces := o.TracerProvider.(*tracing.NopTracerProvider)
	_, measures := o.MeterProvider.(metrics.NopMeterProvider)
	return o.Credentials != nil && o.HTTPClient != nil && o.Retryer != nil && signs && json &&
		traces && measures && !HasResolver(o) && len(o.APIOptions) == 0 && o.ClientLogMode == 0 &&
		o.EndpointDiscovery.EnableEndpointDiscovery != aws.EndpointDiscoveryEnabled &&
		!hasInterceptors(o) &&
		isSameType(o.AuthSchemeResolver, plain.AuthSchemeResolver) &&
		len(o.AuthSchemes) == 1 && len(plain.AuthSchemes) == 1 &&
		isSameType(o.AuthSchemes[0], plain.AuthSchemes[0])
}

// HasResolver reports whether a client finds its endpoint by code of the user's. Such code may
// accept any name for a region; programs for a local engine often use "localhost".
func HasResolver(o *dynamodb.Options) bool {
	//lint:ignore SA1019 if a client has one, the SDK asks it
	given := o.EndpointResolver != nil
	return given ||
		!isSameType(o.EndpointResolverV2, dynamodb.NewDefaultEndpointResolverV2())
}

// hasInterceptors reports whether a client has an interceptor of any kind.
func hasInterceptors(o *dynamodb.Options) bool {
	kinds := reflect.ValueOf(o.Interceptors)
	for i := range kinds.NumField() {
		if kinds.Field(i).Len() > 0 {
			return true
		}
	}
	return false
}

func isSameType(a, b any) bool { return reflect.TypeOf(a) == reflect.TypeOf(b) }

// asV2 returns a retryer in the form that the SDK's middleware uses.
func asV2(retryer aws.Retryer) aws.RetryerV2 {
	if v2, ok := retryer.(aws.RetryerV2); ok {
		return v2
	}
	return firstVersion{retryer}
}

// firstVersion is a retryer without GetAttemptToken.
type firstVersion struct{ aws.Retryer }

// GetAttemptToken returns the retryer's initial token.
func (r firstVersion) GetAttemptToken(context.Context) (func(error) error, error) {
	return r.GetInitialToken(), nil
}

// signers holds a signer for each scope, so that operations share its key.
type signers struct {
	mu sync.Mutex
	by map[scope]*signer
}

// of returns the signer of a scope.
func (s *signers) of(where scope) *signer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept := s.by[where]; kept != nil {
		return kept
	}
	if s.by == nil {
		s.by = map[scope]*signer{}
	}
	made := &signer{scope: where}
	s.by[where] = made
	return made
}
