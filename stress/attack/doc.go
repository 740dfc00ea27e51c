// Package attack attacks the mapper, and holds what it says of each call against what is stored.
//
//	go -C stress test ./attack -v
//	go -C stress test ./attack -v -run TestMatrix -timeout 0 -args -attacks 0
//
// TestMatrix makes every call of the mapper with every fault on the line, on every kind of version,
// with every kind of other writer. TestCut breaks the connection after each byte of each request
// and each answer. TestMutations damages answers to reads, and holds what the mapper makes of them
// against the SDK's own decoder. TestRounds lets two programs write the same items in random order,
// and holds every answer against a model. TestClock lets several programs write under deadlines,
// on a clock that takes no time.
//
// The flag -attacks says how many attacks each test makes: without it as many as take a few
// seconds. With 0 TestMatrix and TestCut make all of them, and the other tests very many. The same
// -seed makes the same choices. -only takes the attacks of the matrix whose name has a text in it.
//
// An attack is lost if a call is told applied and was not, is told refused and was applied, is
// applied twice, or leaves something half-written. What the documentation states is counted by its
// reason; knowns has the list.
package attack
