package domain_test

import (
	"reflect"
	"testing"

	"github.com/otklik/otklik/domain"
)

func TestScopeSees(t *testing.T) {
	mine := domain.Case{Region: "r", AgencyID: "a"}
	nobodys := domain.Case{Region: "r"}
	secret := domain.Case{Region: "r", AgencyID: "a", Restricted: true}
	for name, c := range map[string]struct {
		scope domain.Scope
		of    domain.Case
		want  bool
	}{
		"zero sees nothing":               {domain.Scope{}, mine, false},
		"zero sees no zero case":          {domain.Scope{Whole: true, Restricted: true}, domain.Case{}, false},
		"a region without bodies":         {domain.Scope{Region: "r"}, mine, false},
		"nobody's case without bodies":    {domain.Scope{Region: "r", Agencies: []string{""}}, nobodys, false},
		"own body":                        {domain.Scope{Region: "r", Agencies: []string{"b", "a"}}, mine, true},
		"another body":                    {domain.Scope{Region: "r", Agencies: []string{"b"}}, mine, false},
		"whole region":                    {domain.Scope{Region: "r", Whole: true}, nobodys, true},
		"another region":                  {domain.Scope{Region: "q", Whole: true, Restricted: true}, mine, false},
		"restricted, not named for it":    {domain.Scope{Region: "r", Whole: true}, secret, false},
		"restricted, named for it":        {domain.Scope{Region: "r", Whole: true, Restricted: true}, secret, true},
		"restricted of one's body, named": {domain.Scope{Region: "r", Agencies: []string{"a"}, Restricted: true}, secret, true},
	} {
		if got := c.scope.Sees(c.of); got != c.want {
			t.Errorf("%s: sees %v, want %v", name, got, c.want)
		}
	}
}

func TestScopeWithin(t *testing.T) {
	whole, named := domain.Scope{Region: "r", Whole: true}, domain.Scope{Region: "r", Whole: true, Restricted: true}
	ab, bc := domain.Scope{Region: "r", Agencies: []string{"a", "b"}}, domain.Scope{Region: "r", Agencies: []string{"b", "c"}}
	for name, c := range map[string]struct{ one, other, want domain.Scope }{
		"the whole of both":      {whole, named, whole},
		"a body of the whole":    {ab, whole, ab},
		"what both have":         {ab, bc, domain.Scope{Region: "r", Agencies: []string{"b"}}},
		"nothing in common":      {domain.Scope{Region: "r", Agencies: []string{"a"}}, bc, domain.Scope{}},
		"another region":         {whole, domain.Scope{Region: "q", Whole: true}, domain.Scope{}},
		"nothing and everything": {domain.Scope{}, named, domain.Scope{}},
	} {
		for _, got := range []domain.Scope{c.one.Within(c.other), c.other.Within(c.one)} {
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s: %+v, want %+v", name, got, c.want)
			}
		}
	}
}
