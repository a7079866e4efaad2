package rules

import (
	"bytes"
	"encoding/csv"
	"strconv"
)

// Table is the decree's list as CSV, columns row, category, subcategory, days:
// the same bytes as the list taken from the decree itself.
func Table(p *Pack) []byte {
	records := [][]string{{"row", "category", "subcategory", "days"}}
	for _, c := range p.Categories {
		records = append(records, []string{strconv.Itoa(c.Row), c.Category, c.Subcategory, strconv.Itoa(c.Days)})
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(records); err != nil {
		panic(err) // a buffer does not fail
	}
	return b.Bytes()
}
