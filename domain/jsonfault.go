package domain

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// JSONFault says in Russian why JSON that a person wrote was refused: raw is what
// they wrote, example what it should look like.
func JSONFault(err error, raw []byte, example string) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		parts := strings.Split(kind.Field, ".") // of embedded structs the name comes first
		return fmt.Errorf("поле %s: нужно «%s», а дано «%s»", parts[len(parts)-1], wantedJSON(kind.Type), givenJSON(kind.Value))
	case errors.As(err, &kind):
		return fmt.Errorf("нужен объект вида %s, а дано «%s»", example, givenJSON(kind.Value))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
	case errors.As(err, &syntax):
		at := min(int(syntax.Offset), len(raw)) - 1 // of the byte at fault, from 0
		if strings.HasPrefix(err.Error(), "unexpected end") || at < 0 {
			break
		}
		sign, _ := utf8.DecodeRune(raw[at:])
		return fmt.Errorf("не JSON: знак %d, «%c», здесь не годится, нужен вид %s", utf8.RuneCount(raw[:at])+1, sign, example)
	}
	return fmt.Errorf("не JSON: обрывается на полуслове, нужен вид %s", example)
}

func wantedJSON(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true или false"
	case reflect.Int, reflect.Int64:
		return "целое число"
	case reflect.Float64:
		return "число"
	case reflect.String:
		return "строка в кавычках"
	case reflect.Slice:
		return "список"
	}
	return "объект"
}

func givenJSON(value string) string {
	word, _, _ := strings.Cut(value, " ")
	words := map[string]string{"number": "число", "string": "строка", "array": "список", "object": "объект", "bool": "true или false"}
	if w := words[word]; w != "" {
		return w
	}
	return value
}
