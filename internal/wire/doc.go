// Package wire reads and writes DynamoDB's JSON: attribute values from bytes and back, without building maps of boxed
// values where the caller does not want them. It knows nothing of models.
//
// A [Reader] goes over the text once. Its first problem sticks, so a caller reads a whole unit and asks [Reader.Err] at
// the end:
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
// The strings that it returns alias the text. So that one kept string does not pin a whole response, a page is read
// through windows: see [NewPageReader].
package wire
