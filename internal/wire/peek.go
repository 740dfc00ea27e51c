package wire

import "strings"

// PeekText returns the text of one attribute of the item at the reader's position, and does not
// move the reader. head is the beginning of the attribute up to the text, as DynamoDB spells it:
// "entity":{"S":". If the item has no such attribute, or if JSON spells the item in another way,
// PeekText returns "".
//
// PeekText only counts brackets and quotes, so the caller must compare the text with what reading
// the item finds. If the item ends behind the window, the reader fails as at the end of the text.
func (r *Reader) PeekText(head string) string {
	s, i := r.text, r.pos
	if i < len(s) && s[i] != '{' {
		return ""
	}
	for i++; i < len(s); i++ { // at a member
		if strings.HasPrefix(s[i:], head) {
			start := i + len(head)
			end := textEnd(s, start)
			if end == len(s) {
				break
			}
			if s[end] != '"' {
				return ""
			}
			return s[start:end]
		}
		if i = memberEnd(s, i); i < len(s) && s[i] != ',' {
			return ""
		}
	}
	r.truncate()
	return ""
}

// memberEnd returns the position behind a member of an object, or len(s).
func memberEnd(s string, i int) int {
	// Nearly all members are text or numbers: "level":{"N":"7"}
	if i+1 < len(s) && s[i] == '"' {
		name := textEnd(s, i+1)
		if start := name + len(`":{"S":"`); start+2 <= len(s) && s[start-1] == '"' &&
			s[name+1] == ':' && Load(s, name+2)&letterMask == letterForm {
			if end := textEnd(s, start); end+1 < len(s) && s[end] == '"' && s[end+1] == '}' {
				return end + 2
			}
		}
	}
	return memberEndSlow(s, i)
}

func memberEndSlow(s string, i int) int {
	for depth := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i = stringEnd(s, i+1)
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// stringEnd returns the position of the closing quote of the string whose inside begins at i, or
// len(s).
func stringEnd(s string, i int) int {
	for i = textEnd(s, i); i < len(s) && s[i] != '"'; i = textEnd(s, i) {
		if s[i] == '\\' {
			i++
		}
		i++
	}
	return min(i, len(s))
}
