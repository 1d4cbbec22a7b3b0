package profiles

import (
	"errors"
	"fmt"
	"os"
	"reflect"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
	"github.com/slload/slload/testgrid/faults"
)

// checkFaults checks the faults of the embedded grid.
func (p *Profile) checkFaults(e *Errors) {
	if len(p.Faults) > 0 && p.Grid.LoginURI != "" {
		e.failf("faults", "are for the embedded grid, and this run is on %s: drop one of the two", redact(p.Grid.LoginURI))
	}
	describeFaults(e, p.Faults)
}

func describeFaults(e *Errors, list []faults.Fault) {
	for _, problem := range faults.Check(list) {
		e.failf("faults"+problem.Key, "%s", problem.Text)
	}
}

// checkPercents finds faults that would never happen: to a fault, 0 means that
// nothing was said.
func (d *decoder) checkPercents(list []faults.Fault) {
	for i, f := range list {
		key := fmt.Sprintf("faults[%d].percent", i)
		if at := d.at[key]; at != nil && f.Percent == 0 {
			d.failf(at, key, "0 would never happen: want more than that, up to 100")
		}
	}
}

// faultFile is a file of faults alone.
type faultFile struct {
	Faults []faults.Fault `yaml:"faults"`
}

// ParseFaults reads what goes wrong in a grid from YAML: the key faults of a
// profile, alone. file names the source in errors, which are all Errors.
func ParseFaults(data []byte, file string) ([]faults.Fault, error) {
	var in faultFile
	root, errs := parseYAML(data)
	if errs == nil {
		errs = decodeFaults(root, &in)
	}
	for _, e := range errs {
		e.File = file
	}
	if err := errs.err(); err != nil {
		return nil, err
	}
	return in.Faults, nil
}

// LoadFaults is ParseFaults of a file.
func LoadFaults(path string) ([]faults.Fault, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxFile {
		err = fmt.Errorf("is larger than %d bytes", maxFile)
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		var cause *os.PathError
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return nil, &Error{File: path, Problem: err.Error(), Err: err}
	}
	return ParseFaults(data, path)
}

func decodeFaults(root ast.Node, in *faultFile) Errors {
	d := decoder{at: map[string]*token.Position{}}
	d.value("", root, reflect.ValueOf(in).Elem())
	d.checkPercents(in.Faults)
	if len(d.errs) > 0 {
		return d.errs
	}
	var errs Errors
	if len(in.Faults) == 0 {
		errs.failf("faults", "is missing: want a list such as [{udp: loss, percent: 20}]")
	}
	describeFaults(&errs, in.Faults)
	for _, e := range errs {
		d.locate(e)
	}
	return errs
}
