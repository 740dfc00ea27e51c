package samples

import "github.com/dynamapper/dynamapper"

// ProductCatalog is an item of the table "ProductCatalog". The types of its fields fit the 8
// items of the sample.
type ProductCatalog struct {
	dynamapper.Model `dynamo:"ProductCatalog"`

	ID              int64    `dynamo:"Id,hash"`
	Authors         []string `dynamo:"Authors,document"`
	BicycleType     string   `dynamo:"BicycleType"`
	Brand           string   `dynamo:"Brand"`
	Color           []string `dynamo:"Color,document"`
	Description     string   `dynamo:"Description"`
	Dimensions      string   `dynamo:"Dimensions"`
	ISBN            string   `dynamo:"ISBN"`
	InPublication   *bool    `dynamo:"InPublication"`
	PageCount       int64    `dynamo:"PageCount,omitempty"`
	Price           int64    `dynamo:"Price"`
	ProductCategory string   `dynamo:"ProductCategory"`
	Title           string   `dynamo:"Title"`
}
