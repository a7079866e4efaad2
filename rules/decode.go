package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// decoder fills pack types from YAML and notes every fault with its line,
// where the library's own decoder would stop at the first or lose the place.
//
// Besides yaml tags it knows two conventions: the fields File and Line of a
// struct get the place it was written at, and a field tagged `lines:"key"`
// gets the lines of the items of the list under that key.
type decoder struct {
	file   string
	faults Faults
	keys   map[string]int // dotted path of every key → line; nil when not wanted
}

// decodeFile reads one YAML document into out, a pointer to a struct.
func (d *decoder) decodeFile(content []byte, out any) {
	root, ok := d.parse(content)
	if !ok {
		return
	}
	d.value(root, reflect.ValueOf(out).Elem(), "")
}

// parse gives the document's top node; false when there is none to go on with.
func (d *decoder) parse(content []byte) (*yaml.Node, bool) {
	if !utf8.Valid(content) {
		d.fault(firstInvalid(content), CodeSyntax, "файл не в кодировке UTF-8",
			"сохраните его в UTF-8 (в Windows не как «ANSI» и не как «Юникод»)")
		return nil, false
	}
	dec := yaml.NewDecoder(bytes.NewReader(content))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		d.syntax(err)
		return nil, false
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		if err != nil {
			d.syntax(err)
			return nil, false
		}
		d.fault(more.Line, CodeSyntax, "в файле больше одного документа YAML",
			"уберите разделитель «---» и всё лишнее после него")
	}
	if len(doc.Content) == 0 {
		d.syntax(io.EOF)
		return nil, false
	}
	return doc.Content[0], true
}

// firstInvalid is the line of the first byte that is not UTF-8.
func firstInvalid(content []byte) int {
	for i, line := range bytes.Split(content, []byte("\n")) {
		if !utf8.Valid(line) {
			return i + 1
		}
	}
	return 0
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

func (d *decoder) syntax(err error) {
	if errors.Is(err, io.EOF) {
		d.fault(0, CodeSyntax, "файл пуст", "заполните файл или удалите его")
		return
	}
	line := 0
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1])
	}
	d.fault(line, CodeSyntax, fmt.Sprintf("файл не читается как YAML (%v)", err),
		"проверьте отступы, кавычки и двоеточия в этой строке и над ней")
}

func (d *decoder) fault(line int, code Code, what, mend string) {
	d.faults = append(d.faults, Fault{File: d.file, Line: line, Code: code, What: what, Mend: mend})
}

// value decodes one node into v. path is the dotted way to it, for messages.
func (d *decoder) value(n *yaml.Node, v reflect.Value, path string) {
	target, ok := d.resolve(n)
	if !ok {
		if v.Kind() == reflect.Struct {
			d.place(n, v)
		}
		return
	}
	n = target
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		if inList(path) {
			d.fault(n.Line, CodeEmpty, "пустой элемент списка", "удалите его или впишите значение")
		}
		return // an empty value is the zero value; the checks know what must be given
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	case reflect.Map:
		d.mapping(n, v, path)
	default:
		d.scalar(n, v, path)
	}
}

// resolve follows a YAML reference. Only single values and lists of them may be
// referred to: nested references could grow without bound or run in a circle.
func (d *decoder) resolve(n *yaml.Node) (*yaml.Node, bool) {
	if n.Kind != yaml.AliasNode {
		return n, true
	}
	target := n.Alias
	flat := target.Kind == yaml.ScalarNode || target.Kind == yaml.SequenceNode &&
		!slices.ContainsFunc(target.Content, func(c *yaml.Node) bool { return c.Kind != yaml.ScalarNode })
	if !flat {
		d.fault(n.Line, CodeWrongType, "ссылка YAML (*"+n.Value+") ведёт на составное значение",
			"запишите значение полностью: ссылаться можно на строку или на список строк")
		return nil, false
	}
	return target, true
}

func inList(path string) bool { return strings.HasSuffix(path, "[]") }

func (d *decoder) structure(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		d.wrongType(n, path, "набор «ключ: значение»")
		return
	}
	if s, ok := v.Addr().Interface().(defaulter); ok {
		s.setDefaults()
	}
	d.place(n, v)
	fields := yamlFields(v.Type())
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		index, known := fields[key.Value]
		switch {
		case seen[key.Value]:
			d.duplicateKey(key)
		case !known:
			d.unknownKey(key, fields)
		default:
			d.field(val, key, v, index, path)
		}
		seen[key.Value] = true
	}
}

func (d *decoder) field(val, key *yaml.Node, v reflect.Value, index int, path string) {
	sub := join(path, key.Value)
	if d.keys != nil {
		d.keys[sub] = key.Line
	}
	d.value(val, v.Field(index), sub)
	if lines, ok := linesField(v.Type(), key.Value); ok && val.Kind == yaml.SequenceNode {
		at := make([]int, 0, len(val.Content))
		for _, item := range val.Content {
			at = append(at, item.Line)
		}
		v.Field(lines).Set(reflect.ValueOf(at))
	}
}

func (d *decoder) duplicateKey(key *yaml.Node) {
	d.fault(key.Line, CodeDuplicateKey, fmt.Sprintf("ключ «%s» записан дважды", key.Value),
		"оставьте одну запись")
}

func (d *decoder) unknownKey(key *yaml.Node, fields map[string]int) {
	d.fault(key.Line, CodeUnknownKey, fmt.Sprintf("неизвестный ключ «%s»", key.Value),
		"исправьте опечатку или удалите строку; здесь допустимы: "+strings.Join(sortedKeys(fields), ", "))
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		d.wrongType(n, path, "список (каждый элемент с «- » или в [скобках])")
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		d.value(item, out.Index(i), path+"[]")
	}
	v.Set(out)
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		d.wrongType(n, path, "набор «ключ: значение»")
		return
	}
	out := reflect.MakeMap(v.Type())
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		d.scalar(n.Content[i], key, path)
		if out.MapIndex(key).IsValid() {
			d.duplicateKey(n.Content[i])
			continue
		}
		d.value(n.Content[i+1], val, join(path, n.Content[i].Value))
		out.SetMapIndex(key, val)
	}
	v.Set(out)
}

// scalar decodes text, numbers and flags. Any scalar is good as text: numbers
// of decrees and dates need no quotes.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value, path string) {
	want := map[reflect.Kind]string{
		reflect.String: "текст", reflect.Int: "целое число", reflect.Float64: "число", reflect.Bool: "true или false",
	}[v.Kind()]
	if n.Kind != yaml.ScalarNode {
		d.wrongType(n, path, want)
		return
	}
	ok := true
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.TrimSpace(n.Value))
	case reflect.Int:
		i, err := strconv.Atoi(n.Value)
		ok = n.Tag == "!!int" && err == nil
		v.SetInt(int64(i))
	case reflect.Float64:
		f, err := strconv.ParseFloat(n.Value, 64)
		ok = (n.Tag == "!!int" || n.Tag == "!!float") && err == nil
		v.SetFloat(f)
	case reflect.Bool:
		ok = n.Tag == "!!bool"
		v.SetBool(n.Value == "true")
	}
	if !ok {
		v.SetZero()
		d.wrongType(n, path, want)
	}
}

func (d *decoder) wrongType(n *yaml.Node, path, want string) {
	got := map[yaml.Kind]string{yaml.MappingNode: "набор «ключ: значение»", yaml.SequenceNode: "список"}[n.Kind]
	if n.Kind == yaml.ScalarNode {
		got = "«" + n.Value + "»"
	}
	name := strings.ReplaceAll(path, "[]", "")
	if name == "" {
		name = "файл"
	}
	d.fault(n.Line, CodeWrongType, fmt.Sprintf("%s: нужно %s, а записано %s", name, want, got),
		"запишите "+want)
}

// place tells a struct where it was written.
func (d *decoder) place(n *yaml.Node, v reflect.Value) {
	if f := v.FieldByName("File"); f.IsValid() && f.Kind() == reflect.String {
		f.SetString(d.file)
	}
	if f := v.FieldByName("Line"); f.IsValid() && f.Kind() == reflect.Int {
		f.SetInt(int64(n.Line))
	}
}

// defaulter is a type whose absent keys mean something else than zero.
type defaulter interface{ setDefaults() }

func yamlFields(t reflect.Type) map[string]int {
	out := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		if tag := t.Field(i).Tag.Get("yaml"); tag != "" && tag != "-" {
			out[tag] = i
		}
	}
	return out
}

func linesField(t reflect.Type, key string) (int, bool) {
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("lines") == key {
			return i, true
		}
	}
	return 0, false
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
