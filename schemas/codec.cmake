# cupel::codec: JSON text <-> domain types, and validation against the schemas in json/.
