// Package wire reads and writes DynamoDB's JSON. It converts attribute values from bytes and back,
// and does not build maps of boxed values unless the caller wants them. It does not depend on
// models.
//
// A [Reader] passes over the text once. It keeps its first error, so a caller reads a whole unit
// and calls [Reader.Err] at the end:
//
//	for r.Object(); ; {
//		name, ok := r.Member()
//		if !ok {
//			break
//		}
//		switch t := r.Value(); {
//		case name == "id" && t == wire.S:
//			id = r.Text()
//		default:
//			r.SkipRest(t)
//		}
//		r.End()
//	}
//	return r.Err()
//
// The strings that a Reader returns alias the text. A page is read through windows, so that a
// string that is kept does not keep a whole response in memory: see [NewPageReader].
package wire
