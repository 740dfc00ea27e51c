// Package dynamotest gives each test DynamoDB: the engine of package engine, in the test's own
// process. There is nothing to install, to start or to clean up.
//
//	func TestSave(t *testing.T) {
//		t.Parallel()
//		players, err := dynamapper.TableOf[Player](dynamotest.Mapper(t))
//		// create the table, save, read
//	}
//
// [Mapper] returns a mapper on the engine of the test, and [Run] the engine itself, with a
// configuration for any other client. A program, or a TestMain, starts one with [Start].
//
// # One engine a test
//
// The first call of Run or Mapper in a test starts an engine, which ends with that test. Further
// calls in the test and in its subtests reach the same engine, so that a helper needs no more than
// the t that it is given. If the test around them has not called, subtests have an engine each.
// Tests never see each other's tables, so they may have the same names and run in parallel.
//
// A mapper calls the engine in its own goroutine, without a socket. For another program, or for
// code that connects by itself, [Server.Endpoint] opens a port of the loopback interface.
//
// # Another engine
//
// If AWS_ENDPOINT_URL_DYNAMODB is set, all tests use the engine at that endpoint, DynamoDB Local
// for example. The names of a test's tables then begin with a random prefix, and the tables are
// deleted at the end of the test. Credentials and region are those of the environment, or dummies
// if it has none.
//
// If DYNAMOTEST_SEED is set to a number, the engines in this process use the freedom that DynamoDB
// has, as with the option WithSeed of package engine. A program that passes its tests with several
// seeds does not rely on what DynamoDB does not promise.
//
// # Time
//
// The engine has no goroutine, timer or sleep of its own, so that a test may run inside
// [testing/synctest]. There retries, back-offs, deadlines and time to live pass in no time:
//
//	synctest.Test(t, func(t *testing.T) {
//		dynamotest.RunEngine(t)
//		sessions, err := dynamapper.TableOf[Session](dynamotest.Mapper(t))
//		// save a session that expires in a day
//		time.Sleep(24 * time.Hour)
//		// it is gone
//	})
//
// [RunEngine] takes options of the engine, its clock for one, and always stays in this process.
//
// # How to test your own purchase
//
// A network loses answers: the purchase was applied, and its caller does not know. [Faults] is a
// line to the engine on which that happens when a test wants it. Make the test's mapper with
// [Faults.Mapper], plan with [Faults.On] what goes wrong, call the purchase, and compare the table
// with its outcome. A purchase should pass these tests, each with every fault that leaves the
// caller in doubt: [Lose], [Fail], [Cut] and [Corrupt], after which it was applied, and [Drop],
// after which it was not.
//
//   - The first answer is lost. The player has paid once, or the caller gets ErrUnknownOutcome.
//   - The caller buys again after an error. The player has paid once: because the caller has read
//     the player before, or because a receipt, saved in the same transaction, is there already.
//   - Somebody else writes between the loss and the next try: [After]. Neither write is undone.
//   - The service is busy: [Refuse] with "ThrottlingException", or the method Throttle of
//     [Server.Engine]. There is no doubt, and nothing was paid.
//   - The context ends: [After] with its cancel function, [Delay], or [Silence] until its deadline.
//
// With the option Idempotent, or in a transaction, the first of them ends with the purchase made,
// once. [Faults.Each] makes every third answer fail, or one in ten by chance, for a test of many
// buyers at once. End each test with [Faults.Pending]: it returns the faults that have not
// happened.
package dynamotest
