// Package dynamotest gives each test its own DynamoDB: the engine of package engine, in the test's
// process. There is nothing to install, to start or to clean up.
//
//	func TestSave(t *testing.T) {
//		t.Parallel()
//		players, err := dynamapper.TableOf[Player](dynamotest.Mapper(t))
//		// create the table, save, read
//	}
//
// [Mapper] returns a mapper on the engine of the test. [Run] returns the engine itself, with a
// configuration for any other client. A program or a TestMain starts an engine with [Start].
//
// # One engine per test
//
// The first call of Run or Mapper in a test starts an engine, which ends with that test. Further
// calls in the test and in its subtests use the same engine, so that a helper needs only a t. If
// the surrounding test has not called Run or Mapper, each subtest has its own engine. Tests never
// see each other's tables, so the tables may have the same names and the tests may run in parallel.
//
// A mapper calls the engine in its own goroutine, without a socket. For another program, or for
// code that connects on its own, [Server.Endpoint] opens a port on the loopback interface.
//
// # Another engine
//
// If AWS_ENDPOINT_URL_DYNAMODB is set, all tests use the engine at that endpoint, for example
// DynamoDB Local. The names of a test's tables then begin with a random prefix, and the tables are
// deleted at the end of the test. Credentials and region come from the environment; if it has none,
// they are dummies.
//
// If DYNAMOTEST_SEED is set to a number, the engines in this process use the freedom that DynamoDB
// has, as with the option WithSeed of package engine. A program that passes its tests with several
// seeds does not rely on anything that DynamoDB does not promise.
//
// # Time
//
// The engine has no goroutine, timer or sleep of its own, so a test may run inside
// [testing/synctest]. There retries, back-offs, deadlines and time to live take no real time:
//
//	synctest.Test(t, func(t *testing.T) {
//		dynamotest.RunEngine(t)
//		sessions, err := dynamapper.TableOf[Session](dynamotest.Mapper(t))
//		// save a session that expires in a day
//		time.Sleep(24 * time.Hour)
//		// it is gone
//	})
//
// [RunEngine] accepts options of the engine, such as its clock, and always stays in this process.
//
// # How to test your own purchase
//
// A network loses responses: the purchase was applied, and its caller does not know. [Faults] is a
// line to the engine on which this happens when a test wants it. Make the test's mapper with
// [Faults.Mapper], plan the faults with [Faults.On], call the purchase, and compare the table with
// its result. A purchase should pass these tests with every fault that leaves the caller in doubt:
// [Lose], [Fail], [Cut] and [Corrupt], after which the purchase was applied, and [Drop], after
// which it was not.
//
//   - The first response is lost. The player has paid once, or the caller gets ErrUnknownOutcome.
//   - The caller buys again after an error. The player has paid once, because the caller has read
//     the player before, or because a receipt, saved in the same transaction, already exists.
//   - Another writer comes between the loss and the next try: [After]. Neither write is undone.
//   - The service is busy: [Refuse] with "ThrottlingException", or the method Throttle of
//     [Server.Engine]. There is no doubt: nothing was paid.
//   - The context ends: [After] with its cancel function, [Delay], or [Silence] until its deadline.
//
// With the option Idempotent, or in a transaction, the first test ends with the purchase made once.
// [Faults.Each] makes every third response fail, or one in ten at random, for a test of many
// concurrent buyers. End each test with [Faults.Pending], which returns the faults that have not
// happened.
package dynamotest
