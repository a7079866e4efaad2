package vkingest

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
)

// decode reads an item into its shape. VK's gateways and older clients write
// whole numbers as "14" and as 15.0 as well; an item whose ids come so is the
// same item.
func decode(raw json.RawMessage, shape any) error {
	err := json.Unmarshal(raw, shape)
	if err == nil {
		return nil
	}
	mended, ok := wholeNumbers(raw)
	if !ok {
		return err
	}
	return json.Unmarshal(mended, shape)
}

// numberKeys are the whole numbers of the shapes.
func numberKeys() []string {
	return []string{
		"id", "owner_id", "to_id", "from_id", "signer_id", "date", "edited", "post_id", "post_owner_id",
		"reply_to_comment", "conversation_message_id", "peer_id", "update_time", "group_id",
	}
}

// wholeNumbers rewrites an object's numbers; ok tells whether there was anything
// to rewrite.
func wholeNumbers(raw json.RawMessage) (mended json.RawMessage, ok bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return nil, false
	}
	for key, value := range fields {
		if !slices.Contains(numberKeys(), key) {
			continue
		}
		if n, is := whole(value); is {
			fields[key], ok = json.RawMessage(strconv.FormatInt(n, 10)), true
		}
	}
	if !ok {
		return nil, false
	}
	mended, err := json.Marshal(fields)
	return mended, err == nil
}

// whole reads a whole number that is not written as one.
func whole(value json.RawMessage) (n int64, ok bool) {
	s := string(bytes.Trim(value, `"`))
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, s != string(value)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}
