package protocol

import (
	"net/http"
	"strings"
)

// The engine checks no signature. It refuses a request without one, or with a part of one, as the
// service does.

const missingToken = "Request is missing Authentication Token"

// refuseUnsigned returns an error if a request lacks a part of a signature.
func refuseUnsigned(r *http.Request) *Error {
	signed := r.Header["Authorization"]
	if _, inQuery := queryParameter(r, "X-Amz-Algorithm"); inQuery {
		if len(signed) > 0 {
			return &Error{Code: "InvalidSignatureException", Message: "Found both " +
				"'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."}
		}
		return refuseQuery(r)
	}
	if len(signed) == 0 || !strings.HasPrefix(signed[0], "AWS4-") {
		return &Error{Code: "MissingAuthenticationTokenException", Message: missingToken}
	}
	return refuseHeader(r, signed[0])
}

// queryParameter returns a parameter of the URL, undecoded, and reports whether there is one.
func queryParameter(r *http.Request, name string) (string, bool) {
	if r.URL.RawQuery == "" {
		return "", false
	}
	for _, parameter := range strings.Split(r.URL.RawQuery, "&") {
		if key, v, _ := strings.Cut(parameter, "="); key == name {
			return v, true
		}
	}
	return "", false
}

// refuseQuery checks the parameters of a signature in the URL.
func refuseQuery(r *http.Request) *Error {
	var message strings.Builder
	lacks := func(name string) {
		message.WriteString("AWS query-string parameters must include '" + name + "'. ")
	}
	if algorithm, _ := queryParameter(r, "X-Amz-Algorithm"); algorithm == "" {
		lacks("X-Amz-Algorithm")
	}
	for _, name := range []string{
		"X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date",
	} {
		if _, found := queryParameter(r, name); !found {
			lacks(name)
		}
	}
	if message.Len() == 0 {
		return nil
	}
	message.WriteString("Re-examine the query-string parameters.")
	return &Error{Code: "IncompleteSignatureException", Message: message.String()}
}

// refuseHeader checks the parts of a signature in the Authorization header.
func refuseHeader(r *http.Request, signed string) *Error {
	var message strings.Builder
	for _, part := range [...]struct{ name, lower string }{
		{"Credential", "credential="}, {"Signature", "signature="},
		{"SignedHeaders", "signedheaders="},
	} {
		if !strings.Contains(signed, part.name+"=") && !strings.Contains(signed, part.lower) {
			message.WriteString("Authorization header requires '" + part.name + "' parameter. ")
		}
	}
	if len(r.Header["X-Amz-Date"]) == 0 && len(r.Header["Date"]) == 0 {
		message.WriteString("Authorization header requires existence of either a " +
			"'X-Amz-Date' or a 'Date' header. ")
	}
	if message.Len() == 0 {
		return nil
	}
	message.WriteString("Authorization=" + signed)
	return &Error{Code: "IncompleteSignatureException", Message: message.String()}
}
