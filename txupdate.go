package dynamapper

// TxUpdate is an update that is staged in a transaction, to which its methods add while the
// function runs. The commit runs it, exactly once. The methods mean what those of Update mean.
type TxUpdate[T any] struct{ update }

// Set gives an attribute a value; an empty value removes it.
func (u *TxUpdate[T]) Set(attr string, v any) *TxUpdate[T] {
	u.with("Set", attr, v)
	return u
}

// SetIfAbsent gives an attribute a value if it has none. An empty value does nothing.
func (u *TxUpdate[T]) SetIfAbsent(attr string, v any) *TxUpdate[T] {
	u.with("SetIfAbsent", attr, v)
	return u
}

// Add adds to a number; a missing number is 0. A negative delta subtracts.
func (u *TxUpdate[T]) Add(attr string, delta any) *TxUpdate[T] {
	u.with("Add", attr, delta)
	return u
}

// Remove removes attributes, members of documents, or elements of lists.
func (u *TxUpdate[T]) Remove(attrs ...string) *TxUpdate[T] {
	u.remove(attrs)
	return u
}

// Append adds values at the end of a document list; a missing list is empty.
func (u *TxUpdate[T]) Append(attr string, vs ...any) *TxUpdate[T] {
	u.with("Append", attr, vs...)
	return u
}

// Prepend adds values at the front of a document list; a missing list is empty.
func (u *TxUpdate[T]) Prepend(attr string, vs ...any) *TxUpdate[T] {
	u.with("Prepend", attr, vs...)
	return u
}

// AddToSet adds members to a set; a missing set is empty.
func (u *TxUpdate[T]) AddToSet(attr string, vs ...any) *TxUpdate[T] {
	u.with("AddToSet", attr, vs...)
	return u
}

// RemoveFromSet removes members from a set. The attribute is removed with its last member.
func (u *TxUpdate[T]) RemoveFromSet(attr string, vs ...any) *TxUpdate[T] {
	u.with("RemoveFromSet", attr, vs...)
	return u
}

// If makes the whole transaction depend on conditions: if one is false, nothing is written.
func (u *TxUpdate[T]) If(conditions ...Condition) *TxUpdate[T] {
	u.require(conditions)
	return u
}

// MustExist makes the transaction return ErrNotFound if the item is missing, and write nothing.
func (u *TxUpdate[T]) MustExist() *TxUpdate[T] {
	u.mustExist()
	return u
}
