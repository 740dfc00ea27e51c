package awserr

// validation is the code of requests that the service calls invalid.
const validation = "ValidationException"

// The fixes that several codes share.
const (
	unsigned = "the request is not signed, because the client has no credentials; give the " +
		"client credentials, or use Connect"
	wrongKey = "the access key is refused; check WithCredentials, AWS_ACCESS_KEY_ID and " +
		"AWS_SESSION_TOKEN, or the profile"
	wrongSignature = "the signature is refused; check the secret access key, and the clock of " +
		"this machine"
	expired   = "the credentials have expired; get new ones, or check the clock of this machine"
	forbidden = "the credentials do not allow this; add the action to the IAM policy of the " +
		"user or the role"
	throttled = "the service throttles the requests, and the SDK's retries, too; slow down, " +
		"spread the hash keys, or raise the table's limits"
	contended = "another write is running on the item; try again"
	failed    = "the service failed, and the SDK's retries failed, too; try again"
	noTable   = "the table does not exist{location}; create it with CreateTable or EnsureTable, " +
		"or check the region and {prefix}"
	noTransactions = "the table is a global one with strong consistency in several regions, which " +
		"takes no transactions; leave out RunTransaction and Idempotent, and use Modify of a model " +
		"with a string version, which is exactly once without them"
	inUse = "the table is being created, changed or deleted; wait until that is done and try again"
	wait  = "another such request is running; wait until it is done and try again"
)

// table has every error code that the SDK has a type for, and those that every service of AWS has.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
var table = map[string]Known{
	// Errors of writes, reads and transactions.
	"ConditionalCheckFailedException": {Fix: "the condition is false; read the item and decide " +
		"again"},
	"IdempotentParameterMismatchException": {Fix: "another request had the same token; give " +
		"each request a token of its own"},
	"ItemCollectionSizeLimitExceededException": {Fix: "the items of one hash key have reached " +
		"10 GB, the limit of a table with local indexes; delete some, spread them over more " +
		"hash keys, or make the indexes global"},
	"ProvisionedThroughputExceededException": {Again: Throttled, Fix: "the capacity of the " +
		"table or an index is used up, and the SDK's retries did not help; raise the capacity, " +
		"make the table " +
		"on-demand, or slow down"},
	"ReplicatedWriteConflictException": {Again: Contended, Fix: "a write in another region is " +
		"running on the item; try again, or write each item in one region only"},
	"RequestLimitExceeded": {Again: Throttled, Fix: "the account's limit of requests is reached, " +
		"and the SDK's retries did not help; slow down, or have the quota raised"},
	"ThrottlingException": {Again: Throttled, Fix: throttled},
	"TransactionCanceledException": {Again: ByReasons, Fix: "other writes were running on the " +
		"items, and the retries did not help; try again"},
	"TransactionConflictException":   {Again: Contended, Fix: contended},
	"TransactionInProgressException": {Perhaps: true, Again: WithToken, Fix: contended},
	"DuplicateItemException": {Fix: "an item with this key exists already; take " +
		"another key"},

	// Errors of operations on tables.
	"ResourceInUseException":    {Again: InUse, Fix: inUse},
	"ResourceNotFoundException": {Fix: noTable},
	"LimitExceededException": {Fix: "too many tables are being created, changed or deleted at " +
		"once, or the account has too many; try again later, or have the quota raised"},
	"TableAlreadyExistsException": {Fix: "the table exists already; take another name"},
	"TableInUseException":         {Fix: inUse},
	"TableNotFoundException":      {Fix: noTable},
	"IndexNotFoundException":      {Fix: "the table lacks the index; add it with PlanTables and Apply"},

	// Errors of requests that the mapper does not send.
	"BackupInUseException":    {Fix: wait},
	"BackupNotFoundException": {Fix: "there is no such backup; check its ARN and the region"},
	"ContinuousBackupsUnavailableException": {Fix: "the table has no continuous backups yet; " +
		"switch them on, or wait"},
	"ExportConflictException": {Fix: wait},
	"ExportNotFoundException": {Fix: "there is no such export; check its ARN and the " +
		"region"},
	"GlobalTableAlreadyExistsException": {Fix: "the global table exists already"},
	"GlobalTableNotFoundException": {Fix: "there is no such global table; check its name " +
		"and the region"},
	"ImportConflictException": {Fix: wait},
	"ImportNotFoundException": {Fix: "there is no such import; check its ARN and the " +
		"region"},
	"InvalidEndpointException": {Fix: "the endpoint is out of date; request another endpoint"},
	"InvalidExportTimeException": {Fix: "the time is outside of the table's recovery " +
		"window; use another time"},
	"InvalidRestoreTimeException": {Fix: "the time is outside of the table's recovery " +
		"window; use another time"},
	"PointInTimeRecoveryUnavailableException": {Fix: "the table has no point-in-time recovery; " +
		"switch it on"},
	"PolicyNotFoundException": {Fix: "the table has no such resource policy; check its " +
		"revision"},
	"ReplicaAlreadyExistsException": {Fix: "the table has a replica in this region already"},
	"ReplicaNotFoundException":      {Fix: "the table has no replica in this region"},

	// Errors of every AWS service. RequestTimeout means that the service has waited too long for
	// the rest of a request, and not that it has discarded what it got.
	"AccessDenied":                        {Fix: forbidden},
	"AccessDeniedException":               {Fix: forbidden},
	"ExpiredToken":                        {Fix: expired},
	"ExpiredTokenException":               {Fix: expired},
	"RequestExpired":                      {Fix: expired},
	"IncompleteSignature":                 {Fix: wrongKey},
	"IncompleteSignatureException":        {Fix: wrongKey},
	"InvalidClientTokenId":                {Fix: wrongKey},
	"UnrecognizedClientException":         {Fix: wrongKey},
	"InvalidSignatureException":           {Fix: wrongSignature},
	"SignatureDoesNotMatch":               {Fix: wrongSignature},
	"MissingAuthenticationToken":          {Fix: unsigned},
	"MissingAuthenticationTokenException": {Fix: unsigned},
	"SerializationException":              {Fix: "the service cannot read the request; try again"},
	"UnknownOperationException": {Fix: "the server does not know this operation; check the " +
		"endpoint, and that it is DynamoDB"},
	"NotImplemented": {Fix: "the server does not know this operation; check the endpoint, and " +
		"that it is DynamoDB"},
	validation:                 {Fix: "the service refused the request as invalid"},
	"Throttling":               {Again: Throttled, Fix: throttled},
	"ThrottledException":       {Again: Throttled, Fix: throttled},
	"TooManyRequestsException": {Again: Throttled, Fix: throttled},
	"InternalFailure":          {Perhaps: true, Again: WithToken, Fix: failed},
	"InternalServerError":      {Perhaps: true, Again: WithToken, Fix: failed},
	"ServiceUnavailable":       {Perhaps: true, Again: WithToken, Fix: failed},
	"RequestTimeout":           {Perhaps: true, Again: WithToken, Fix: failed},
	"RequestTimeoutException":  {Perhaps: true, Again: WithToken, Fix: failed},
}

// validations are the reasons of invalid requests, which only the message names. The first entry
// whose text the message contains counts.
var validations = makeValidations()

type invalid struct{ part, fix string }

func makeValidations() []invalid {
	const otherKeys = "the keys of the table or an index are not those of the model; call " +
		"Verify for all that differs"
	const noDocument = "the item has no such document, or no such attribute, that the update " +
		"could change inside; set the whole attribute before, or in another update"
	const otherIndex = "the index of the table has fewer attributes than the tags say; call " +
		"Verify for all that differs, and create the index again"
	return []invalid{
		{"Item size", "the item is larger than 400 KB, the limit of DynamoDB; store large " +
			"values elsewhere, such as in S3, or split the item"},
		{"GlobalSecondaryIndex count exceeds", "the model has more global indexes than the quota, " +
			"which is 20 for a table unless it was raised; have it raised, or leave an index out"},
		{"does not have the specified index", "the table lacks the index; add it with " +
			"PlanTables and Apply, and call Verify for all that differs from the model"},
		{"document path", noDocument},
		{"not exist in the item", noDocument},
		{"projection type is not ALL", otherIndex},
		{"does not project", otherIndex},
		{"required keys was not given", otherKeys},
		{"number of conditions on the keys", otherKeys},
		{"missed key schema element", otherKeys},
		{"does not match the schema", otherKeys},
		{"does not match schema type", otherKeys},
		{"Type mismatch for ", otherKeys},
		{"Missing the key ", otherKeys},
		{"The provided key element", otherKeys},
	}
}
