package samples

import "github.com/dynamapper/dynamapper"

// BlobsV2 is an item of the table "blobs.v2". The types of its fields fit the 2 items of the
// sample. The attribute "-" has no field, because no tag can have its name. A save keeps it.
// The attribute "a,b" has no field, because no tag can have its name. A save keeps it.
type BlobsV2 struct {
	dynamapper.Model `dynamo:"blobs.v2"`

	Digest     []byte   `dynamo:"digest,hash"`
	Part       float64  `dynamo:"part,range"`
	OwnerID    []byte   `dynamo:"owner-id" index:"by_owner,hash,keys_only"`
	Attr       int64    `dynamo:"#,omitempty"`
	Attr2fa    bool     `dynamo:"2fa,omitempty"`
	HTTPServer string   `dynamo:"HTTPServer"`
	Model2     string   `dynamo:"Model"`
	Chunks     [][]byte `dynamo:"chunks,set"`
	Data       *[]byte  `dynamo:"data"`
	Model3     string   `dynamo:"model"`
	PageURL    string   `dynamo:"page_url"`
	Type       string   `dynamo:"type"`
	UserIDs    []int64  `dynamo:"userIDs,document"`
	Attr日本     string   `dynamo:"日本"`
}
