INSERT INTO channel (code, "defaultLanguageCode", "availableLanguageCodes",
    "defaultCurrencyCode", "pricesIncludeTax")
  VALUES ('__default_channel__', 'en', 'en,de', 'EUR', true), ('us', 'en', 'en', 'USD', false);
INSERT INTO asset (name, source, preview) SELECT 'asset ' || i, 'source/' || i, 'preview/' || i
  FROM generate_series(1, 40) i;
INSERT INTO product (id, enabled, "featuredAssetId", "customFieldsErp", "customFieldsBadges")
  SELECT i, i % 7 <> 0, nullif(i % 40, 0), 'erp ' || i,
    CASE WHEN i % 3 = 0 THEN '["new","badge ' || i || '"]' END FROM generate_series(1, 30) i;
INSERT INTO product_translation ("languageCode", name, slug, description, "baseId")
  SELECT language, 'Product ' || i || ' ' || language, 'product-' || i,
    repeat(md5(random()::text), 100), i
  FROM generate_series(1, 30) i, unnest(ARRAY['en', 'de', 'pt_BR']) language
  WHERE language = 'en' OR i % 2 = 0;
INSERT INTO product_asset ("assetId", position, "productId") SELECT 1 + i % 40, i % 4, 1 + i % 30
  FROM generate_series(1, 60) i;
INSERT INTO product_channels_channel SELECT i, 1 + i % 5 / 4 FROM generate_series(1, 30) i;
INSERT INTO product_variant (id, sku, enabled, "productId") SELECT i, 'SKU-' || i, i % 9 <> 0,
  1 + i % 30 FROM generate_series(1, 80) i;
INSERT INTO product_variant_translation ("languageCode", name, "baseId")
  SELECT language, 'Variant ' || i || ' ' || language, i
  FROM generate_series(1, 80) i, unnest(ARRAY['en', 'de']) language;
INSERT INTO product_variant_price ("currencyCode", "channelId", price, "variantId")
  SELECT CASE channel WHEN 1 THEN 'EUR' ELSE 'USD' END, channel, i * 99, i
  FROM generate_series(1, 80) i, generate_series(1, 2) channel;
INSERT INTO stock_location (name) VALUES ('Default'), ('Outlet');
INSERT INTO stock_level ("stockOnHand", "stockAllocated", "productVariantId", "stockLocationId")
  SELECT i % 9, i % 4, 1 + i % 80, 1 + i % 2 FROM generate_series(1, 120) i;
INSERT INTO product_option_group (id, code, "productId") SELECT i, CASE i % 2 WHEN 0 THEN 'size'
  ELSE 'color' END, (i + 1) / 2 FROM generate_series(1, 60) i;
INSERT INTO product_option_group_translation ("languageCode", name, "baseId")
  SELECT 'en', 'Group ' || i, i FROM generate_series(1, 60) i;
INSERT INTO product_option (id, code, "groupId") SELECT i, 'option-' || i % 7, 1 + i % 60
  FROM generate_series(1, 120) i;
INSERT INTO product_option_translation ("languageCode", name, "baseId")
  SELECT 'en', 'Option ' || i, i FROM generate_series(1, 120) i;
INSERT INTO product_variant_options_product_option SELECT 1 + i % 80, 1 + i % 119
  FROM generate_series(1, 200) i ON CONFLICT DO NOTHING;
INSERT INTO facet (id, code, "isPrivate") VALUES (1, 'brand', false), (2, 'brand_line', false),
  (3, 'season', false), (4, 'margin', true);
INSERT INTO facet_translation ("languageCode", name, "baseId")
  SELECT 'en', 'Facet ' || i, i FROM generate_series(1, 4) i;
INSERT INTO facet_value (id, code, "facetId") SELECT i, 'value-' || i, 1 + i % 4
  FROM generate_series(1, 16) i;
INSERT INTO facet_value_translation ("languageCode", name, "baseId")
  SELECT language, 'Value ' || i % 6 || ' ' || language, i
  FROM generate_series(1, 16) i, unnest(ARRAY['en', 'de']) language;
INSERT INTO product_facet_values_facet_value SELECT 1 + i % 30, 1 + i % 16
  FROM generate_series(1, 90) i ON CONFLICT DO NOTHING;
INSERT INTO product_variant_facet_values_facet_value SELECT 1 + i % 80, 1 + i % 15
  FROM generate_series(1, 90) i ON CONFLICT DO NOTHING;
INSERT INTO collection (id, "isRoot", position, "isPrivate", "parentId")
  SELECT i, i = 1, i, i % 8 = 0, nullif(i / 2, 0) FROM generate_series(1, 12) i;
INSERT INTO collection_translation ("languageCode", name, slug, "baseId")
  SELECT language, 'Collection ' || i || ' ' || language, 'collection-' || i, i
  FROM generate_series(1, 12) i, unnest(ARRAY['en', 'de']) language WHERE i % 4 > 0
    OR language = 'en';
SELECT write_closure();
INSERT INTO collection_product_variants_product_variant SELECT 1 + i % 12, 1 + i % 79
  FROM generate_series(1, 120) i ON CONFLICT DO NOTHING;
