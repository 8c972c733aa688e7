INSERT INTO spree_shipping_categories (name) SELECT 'Shipping ' || i FROM generate_series(1, 3) i;
INSERT INTO spree_stores (name, code) SELECT 'Store ' || i, 'store-' || i
  FROM generate_series(1, 3) i;
INSERT INTO spree_products (id, name, description, available_on, slug, shipping_category_id,
    status, public_metadata)
  SELECT i, 'Product ' || i, repeat(md5(random()::text), 100), '2024-01-01'::timestamp + i * '1 h'
    ::interval, 'product-' || i, 1 + i % 3, CASE WHEN i % 6 = 0 THEN 'draft' ELSE 'active' END,
    jsonb_build_object('erp', i) FROM generate_series(1, 30) i;
INSERT INTO spree_product_translations (name, locale, spree_product_id)
  SELECT 'Produkt ' || i, CASE i % 3 WHEN 0 THEN 'fr' ELSE 'de' END, i
  FROM generate_series(1, 30) i;
INSERT INTO spree_products_stores (product_id, store_id) SELECT i, 1 + i % 3
  FROM generate_series(1, 30) i;
INSERT INTO spree_variants (id, sku, is_master, product_id, position)
  SELECT i, 'SKU-' || i, i <= 30, 1 + i % 30, i / 30 FROM generate_series(1, 90) i;
INSERT INTO spree_prices (id, variant_id, amount, currency, compare_at_amount)
  SELECT i, 1 + i % 90, i / 4.0, CASE i / 90 WHEN 0 THEN 'USD' ELSE 'EUR' END,
    CASE WHEN i % 4 = 0 THEN i / 3.0 END FROM generate_series(1, 170) i;
INSERT INTO spree_stock_locations (name, active) VALUES ('Main', true), ('Old', false),
  ('Outlet', true);
INSERT INTO spree_stock_items (id, stock_location_id, variant_id, count_on_hand, backorderable)
  SELECT i, 1 + i % 3, 1 + i % 90, i % 5, i % 11 = 0 FROM generate_series(1, 120) i;
INSERT INTO spree_option_types (id, name, presentation) VALUES (1, 'color', 'Color'),
  (2, 'size', 'Size'), (3, 'size_us', 'Size (US)');
INSERT INTO spree_option_values (id, name, presentation, option_type_id, position)
  SELECT i, 'value-' || i, 'Value ' || i, 1 + i % 3, i FROM generate_series(1, 12) i;
INSERT INTO spree_option_values_variants (variant_id, option_value_id)
  SELECT 1 + i % 90, 1 + i % 11 FROM generate_series(1, 150) i;
INSERT INTO spree_product_option_types (id, product_id, option_type_id, position)
  SELECT i, 1 + i % 30, 1 + i % 3, i % 4 FROM generate_series(1, 40) i;
INSERT INTO spree_properties (id, name, presentation) VALUES (1, 'fabric', 'Fabric'),
  (2, 'fabric_weight', 'Weight'), (3, 'fit', 'Fit'), (4, 'made_in', 'Made in');
INSERT INTO spree_product_properties (id, value, product_id, property_id, position)
  SELECT i, 'value ' || i % 9, 1 + i % 30, 1 + i % 4, i % 3 FROM generate_series(1, 80) i;
INSERT INTO spree_taxonomies (name) VALUES ('Categories'), ('Brands');
INSERT INTO spree_taxons (id, parent_id, name, permalink, taxonomy_id, hide_from_nav)
  SELECT i, nullif(i / 2, 0), 'Taxon ' || i, 'taxons/' || i, 1 + i % 2, i % 6 = 0
  FROM generate_series(1, 12) i;
SELECT number_taxons();
INSERT INTO spree_taxon_translations (name, locale, spree_taxon_id)
  SELECT 'Rubrik ' || i, 'de', i FROM generate_series(1, 10) i;
INSERT INTO spree_products_taxons (id, product_id, taxon_id, position)
  SELECT i, 1 + i % 30, 1 + i % 11, i % 4 FROM generate_series(1, 60) i;
INSERT INTO spree_assets (id, viewable_type, viewable_id, position, type)
  SELECT i, CASE i % 5 WHEN 0 THEN 'Spree::Taxon' ELSE 'Spree::Variant' END, 1 + i % 90, i % 3,
    'Spree::Image' FROM generate_series(1, 100) i;
INSERT INTO active_storage_blobs (id, key, filename, metadata, byte_size)
  SELECT i, 'blob' || i, i || '.png', '{"width":' || i || ',"analyzed":true}', i
  FROM generate_series(1, 100) i;
INSERT INTO active_storage_attachments (id, name, record_type, record_id, blob_id)
  SELECT i, 'attachment', CASE i % 7 WHEN 0 THEN 'Spree::Store' ELSE 'Spree::Asset' END,
    1 + i % 100, i FROM generate_series(1, 100) i;
INSERT INTO tags (id, name) SELECT i, 'tag ' || i FROM generate_series(1, 8) i;
INSERT INTO taggings (id, tag_id, taggable_type, taggable_id, context)
  SELECT i, 1 + i % 8, CASE i % 6 WHEN 0 THEN 'Spree::Order' ELSE 'Spree::Product' END,
    1 + i % 30, CASE i % 7 WHEN 0 THEN 'labels' ELSE 'tags' END FROM generate_series(1, 60) i;
