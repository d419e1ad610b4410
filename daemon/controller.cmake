# cupel::controller and cupeld.
