// Package attack attacks the mapper, and compares the result of each call with the stored data.
//
//	go -C stress test ./attack -v
//	go -C stress test ./attack -v -run TestMatrix -timeout 0 -args -attacks 0
//
// TestMatrix makes every call of the mapper with every fault on the line, with every kind of
// version and every kind of other writer. TestCut breaks the connection after each byte of each
// request and each response. TestMutations damages responses to reads, and compares the mapper's
// result with that of the SDK's own decoder. TestRounds makes two programs write the same items in
// random order, and compares every result with a model. TestClock makes several programs write with
// deadlines, on a clock that takes no real time.
//
// Every test attacks both senders of requests: the mapper's pipeline, and the SDK's middleware. The
// flag -by selects one of them (pipeline or sdk). A mapper sends each kind of request once before
// it is attacked, because its pipeline learns from the first one. The tests check which way each
// attacked request went, and TestMatrix that every attack ends alike both ways.
//
// The flag -attacks sets the number of attacks of each test. The default takes a few seconds. With
// 0, TestMatrix and TestCut make all attacks, and the other tests very many. The same -seed makes
// the same choices. -only selects the attacks of the matrix whose names contain a text.
//
// An attack fails if a call reports success and was not applied, reports a refusal and was applied,
// is applied twice, or leaves something half-written. Disagreements that the documentation
// describes are counted by their reasons; knowns lists them.
package attack
