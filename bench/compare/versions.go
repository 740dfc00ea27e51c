package main

import (
	"runtime"
	"runtime/debug"
	"slices"
)

// compared are the modules that the measurements compare with dynamapper.
var compared = []string{
	"github.com/aws/aws-sdk-go-v2/service/dynamodb",
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue",
	"github.com/guregu/dynamo/v2",
}

// versions returns the versions of Go and of the modules.
func versions() []string {
	all := []string{runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return all
	}
	for _, module := range info.Deps {
		if slices.Contains(compared, module.Path) {
			all = append(all, module.Path+" "+module.Version)
		}
	}
	return all
}
