// Package dynamotest runs Amazon's own DynamoDB Local for tests and examples.
//
// A test asks for a mapper and has a real engine behind it, with tables of its own:
//
//	func TestSave(t *testing.T) {
//		mapper := dynamotest.Mapper(t)
//		users, err := dynamapper.TableOf[User](mapper)
//		// create the table, save, read: nothing to clean up
//	}
//
// A program, or a TestMain, starts one with [Start] and ends it with [Server.Close].
//
// # Where the engine comes from
//
// The first of these that is there:
//
//   - AWS_ENDPOINT_URL_DYNAMODB: the endpoint it names is used as it is. Nothing is started, and nothing is ended.
//     Credentials and region are those of the environment, or dummies where it has none.
//   - Java 17 or newer, with Maven: DynamoDB Local 2.6.1 is brought once into the user's cache folder (about 50 MB; it
//     says so on stderr while it happens) and runs in memory, as a child process, on a free port. Once it is in the
//     cache, Maven is not needed. JAVA_HOME is looked at before PATH.
//   - Docker: the image amazon/dynamodb-local, likewise in memory on a free port of the loopback interface.
//
// Where none is there, the error names all three and says why each is missing. Tests fail then; they are never skipped.
//
// # How to test your own purchase
//
// The network loses answers: the purchase was applied, and nobody is told. [Faults] is a line to the engine that does so when a
// test wants it. Make the mapper of the test with [Faults.Mapper], say with [Faults.On] what goes wrong, call the purchase, and
// hold against the table what it did. These are the tests that a purchase should pass, each with every fault that leaves the
// caller in doubt: [Lose], [Fail], [Cut] and [Corrupt], after which it was applied, and [Drop], after which it was not.
//
//   - The first answer is lost. The player has paid once, or the caller knows that it does not know: ErrUnknownOutcome.
//   - The caller buys again after an error. The player has paid once: because the caller has read what is there before, or because
//     a receipt, saved in the same transaction, is there already.
//   - Somebody else writes between the loss and the next try: [After]. Neither write is undone.
//   - The service is busy: [Refuse] with "ThrottlingException". That is no doubt, and nothing was paid.
//   - The context ends: [After] with its cancel function, [Delay], or [Silence] until its deadline.
//
// With the option Idempotent, or in a transaction, the first of them ends with the purchase made, once. [Faults.Each] makes every
// third answer fail, or one in ten by chance, for a test of many buyers at once. End each test with [Faults.Pending]: it tells of
// faults that the purchase did not come to.
//
// # How it ends
//
// The engine ends with [Server.Close], or with the process that started it, also when that is killed: on Linux the kernel
// sees to it, on other Unix systems a small shell beside the engine, on Windows a job object, and in Docker the
// container's own shell. Should Windows refuse the job object, the engine ends with Close only.
//
// Data lives in memory and ends with the engine.
package dynamotest
