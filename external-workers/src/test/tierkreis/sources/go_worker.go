// A worker in Go: upper returns its input s in capitals.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

type call struct {
	Function string            `json:"function_name"`
	Inputs   map[string]string `json:"inputs"`
	Outputs  map[string]string `json:"outputs"`
	Done     string            `json:"done_path"`
	Error    string            `json:"error_path"`
}

func main() {
	base := os.Getenv("TKR_DIR")
	var c call
	text, err := os.ReadFile(filepath.Join(base, os.Args[1]))
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err == nil && c.Function != "upper" {
		err = fmt.Errorf("no function %s", c.Function)
	}
	if err == nil {
		text, err = os.ReadFile(filepath.Join(base, c.Inputs["s"]))
	}
	if err == nil {
		upper := []byte(strings.ToUpper(string(text)))
		err = os.WriteFile(filepath.Join(base, c.Outputs["value"]), upper, 0o644)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(base, c.Done), nil, 0o644)
	}
	if err != nil {
		os.WriteFile(filepath.Join(base, c.Error), []byte(err.Error()+"\n"), 0o644)
		os.Exit(1)
	}
}
