//! Plain values out of the program's own data, by serde: a struct is a mapping with its fields in their order.

use std::fmt;

use serde::ser::{self, Serialize, Serializer};

use super::{Key, Map, Value};

/// Data as a plain value.
///
/// # Panics
/// Where the data has a mapping whose keys are no texts, which none of the program's has.
#[must_use]
pub fn to_value(data: impl Serialize) -> Value {
    data.serialize(ToValue).expect("the data is plain")
}

/// What cannot be a plain value.
#[derive(Debug)]
struct NotPlain(String);

impl fmt::Display for NotPlain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotPlain {}

impl ser::Error for NotPlain {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

struct ToValue;

/// A list, and the word of the enum that it stands under.
struct Items {
    items: Vec<Value>,
    under: Option<&'static str>,
}

/// A mapping, the key that waits for its value, and the word of the enum that it stands under.
struct Entries {
    map: Map,
    key: Option<Key>,
    under: Option<&'static str>,
}

fn wrapped(value: Value, under: Option<&'static str>) -> Value {
    match under {
        Some(word) => Value::Map([(Key::new_static(word), value)].into_iter().collect()),
        None => value,
    }
}

fn items(len: Option<usize>, under: Option<&'static str>) -> Items {
    let items = Vec::with_capacity(len.unwrap_or_default());
    Items { items, under }
}

fn entries(len: Option<usize>, under: Option<&'static str>) -> Entries {
    Entries { map: Map::with_capacity(len.unwrap_or_default()), key: None, under }
}

type Result<T> = std::result::Result<T, NotPlain>;

impl Serializer for ToValue {
    type Ok = Value;
    type Error = NotPlain;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    fn serialize_bool(self, value: bool) -> Result<Value> {
        Ok(Value::Bool(value))
    }

    fn serialize_i8(self, value: i8) -> Result<Value> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<Value> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<Value> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<Value> {
        Ok(Value::Int(value))
    }

    fn serialize_u8(self, value: u8) -> Result<Value> {
        self.serialize_i64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<Value> {
        self.serialize_i64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<Value> {
        self.serialize_i64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<Value> {
        let beyond = |_| ser::Error::custom(format!("{value} is out of the signed 64-bit range"));
        i64::try_from(value).map(Value::Int).map_err(beyond)
    }

    fn serialize_f32(self, value: f32) -> Result<Value> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<Value> {
        Ok(Value::Float(value))
    }

    fn serialize_char(self, value: char) -> Result<Value> {
        Ok(Value::Str(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result<Value> {
        Ok(Value::from(value))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value> {
        let bytes = value.iter().map(|byte| Value::Int((*byte).into()));
        Ok(Value::Seq(bytes.collect()))
    }

    fn serialize_none(self) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &str, _: u32, word: &'static str) -> Result<Value> {
        Ok(Value::from(word))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &str, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        word: &'static str,
        value: &T,
    ) -> Result<Value> {
        Ok(wrapped(value.serialize(self)?, Some(word)))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Items> {
        Ok(items(len, None))
    }

    fn serialize_tuple(self, len: usize) -> Result<Items> {
        Ok(items(Some(len), None))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Items> {
        Ok(items(Some(len), None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        word: &'static str,
        len: usize,
    ) -> Result<Items> {
        Ok(items(Some(len), Some(word)))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Entries> {
        Ok(entries(len, None))
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Entries> {
        Ok(entries(Some(len), None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        word: &'static str,
        len: usize,
    ) -> Result<Entries> {
        Ok(entries(Some(len), Some(word)))
    }
}

impl Items {
    fn add(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        self.items.push(value.serialize(ToValue)?);
        Ok(())
    }

    fn done(self) -> Value {
        wrapped(Value::Seq(self.items), self.under)
    }
}

/// serde asks for each kind of list by a trait of its own.
macro_rules! items {
    ($($kind:ident $add:ident),+) => {
        $( impl ser::$kind for Items {
            type Ok = Value;
            type Error = NotPlain;

            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.add(value)
            }

            fn end(self) -> Result<Value> {
                Ok(self.done())
            }
        } )+
    };
}

items!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

impl Entries {
    fn add(&mut self, key: Key, value: &(impl Serialize + ?Sized)) -> Result<()> {
        self.map.push(key, value.serialize(ToValue)?);
        Ok(())
    }

    fn done(self) -> Value {
        wrapped(Value::Map(self.map), self.under)
    }
}

impl ser::SerializeMap for Entries {
    type Ok = Value;
    type Error = NotPlain;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        match key.serialize(ToValue)? {
            Value::Str(key) => self.key = Some(key.into()),
            other => return Err(ser::Error::custom(format!("{other} as a key"))),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let key = self.key.take().unwrap_or_default();
        self.add(key, value)
    }

    fn end(self) -> Result<Value> {
        Ok(self.done())
    }
}

/// Likewise for mappings with fields.
macro_rules! fields {
    ($($kind:ident),+) => {
        $( impl ser::$kind for Entries {
            type Ok = Value;
            type Error = NotPlain;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<()> {
                self.add(Key::new_static(key), value)
            }

            fn end(self) -> Result<Value> {
                Ok(self.done())
            }
        } )+
    };
}

fields!(SerializeStruct, SerializeStructVariant);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::to_value;

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct All<'a> {
        a_text: &'a str,
        a_char: char,
        numbers: (u8, i16, u32, f64, u64),
        nothing: Option<bool>,
        something: Option<bool>,
        unit: (),
        words: Vec<Word>,
        map: BTreeMap<&'a str, i64>,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        Plain,
        One(i64),
        Two(i64, i64),
        Named { inside: bool },
    }

    #[test]
    fn data_is_what_json_says_of_it() {
        let all = All {
            a_text: "x",
            a_char: 'y',
            numbers: (1, -2, 3, 0.5, 4),
            nothing: None,
            something: Some(true),
            unit: (),
            words: vec![Word::Plain, Word::One(1), Word::Two(1, 2), Word::Named { inside: false }],
            map: BTreeMap::from([("b", 1), ("a", 2)]),
        };
        let json = serde_json::to_string(&all).unwrap();
        assert_eq!(to_value(&all).to_string(), json);
    }
}
