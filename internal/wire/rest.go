package wire

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// RestOf reads the rest of an attribute value of which Value returned t, not including End.
func (r *Reader) RestOf(t Type) types.AttributeValue { return r.valueOf(t) }

// Back forgets the failure of a page's reader and goes back to the mark, in a new window.
func (r *Reader) Back(mark Mark) {
	r.window(mark.offset, windowSize)
	r.cut, r.err = false, nil
	r.depth, r.fresh = mark.depth, mark.fresh
}
