-- Spree's tables, written anew from the facts. Rails declares no foreign keys here, so what is
-- deleted leaves rows that refer to nothing. One variant of each product is its master; pictures
-- and tags name their owner's class and id.

CREATE TABLE spree_shipping_categories (id bigserial PRIMARY KEY, name varchar);
CREATE TABLE spree_stores (id bigserial PRIMARY KEY, name varchar, code varchar, url varchar,
  "default" boolean NOT NULL DEFAULT false, deleted_at timestamp(6));
CREATE TABLE spree_products (id bigserial PRIMARY KEY, name varchar NOT NULL DEFAULT '',
  description text, available_on timestamp(6), discontinue_on timestamp(6),
  deleted_at timestamp(6), slug varchar, meta_title varchar, tax_category_id bigint,
  shipping_category_id bigint, promotionable boolean DEFAULT true,
  status varchar NOT NULL DEFAULT 'draft', make_active_at timestamp(6), public_metadata jsonb,
  private_metadata jsonb, created_at timestamp(6) NOT NULL DEFAULT now());
CREATE UNIQUE INDEX ON spree_products (slug);
CREATE TABLE spree_product_translations (id bigserial PRIMARY KEY, name varchar,
  description text, locale varchar NOT NULL, spree_product_id bigint NOT NULL,
  slug varchar, deleted_at timestamp(6));
CREATE UNIQUE INDEX ON spree_product_translations (spree_product_id, locale);
CREATE TABLE spree_products_stores (id bigserial PRIMARY KEY, product_id bigint,
  store_id bigint);
CREATE TABLE spree_variants (id bigserial PRIMARY KEY, sku varchar NOT NULL DEFAULT '',
  weight numeric(8, 2) DEFAULT 0, deleted_at timestamp(6), discontinue_on timestamp(6),
  is_master boolean DEFAULT false, product_id bigint, cost_price numeric(10, 2),
  position integer, track_inventory boolean DEFAULT true, barcode varchar,
  public_metadata jsonb);
CREATE TABLE spree_prices (id bigserial PRIMARY KEY, variant_id bigint NOT NULL,
  amount numeric(10, 2), currency varchar, deleted_at timestamp(6),
  compare_at_amount numeric(10, 2));
CREATE TABLE spree_stock_locations (id bigserial PRIMARY KEY, name varchar,
  "default" boolean NOT NULL DEFAULT false, active boolean DEFAULT true);
CREATE TABLE spree_stock_items (id bigserial PRIMARY KEY, stock_location_id bigint,
  variant_id bigint, count_on_hand integer NOT NULL DEFAULT 0,
  backorderable boolean DEFAULT false, deleted_at timestamp(6));
CREATE TABLE spree_option_types (id bigserial PRIMARY KEY, name varchar, presentation varchar,
  position integer NOT NULL DEFAULT 0, filterable boolean NOT NULL DEFAULT true);
CREATE TABLE spree_option_values (id bigserial PRIMARY KEY, position integer, name varchar,
  presentation varchar, option_type_id bigint);
-- As Rails makes a join table: without a key, and nothing forbids the same row twice.
CREATE TABLE spree_option_values_variants (variant_id bigint, option_value_id bigint);
ALTER TABLE spree_option_values_variants REPLICA IDENTITY FULL;
CREATE TABLE spree_product_option_types (id bigserial PRIMARY KEY, position integer,
  product_id bigint, option_type_id bigint);
CREATE TABLE spree_properties (id bigserial PRIMARY KEY, name varchar,
  presentation varchar NOT NULL, filterable boolean NOT NULL DEFAULT false);
CREATE TABLE spree_product_properties (id bigserial PRIMARY KEY, value varchar,
  product_id bigint, property_id bigint, position integer DEFAULT 0,
  show_property boolean DEFAULT true, filter_param varchar);
CREATE TABLE spree_taxonomies (id bigserial PRIMARY KEY, name varchar NOT NULL,
  position integer DEFAULT 0, store_id bigint);
CREATE TABLE spree_taxons (id bigserial PRIMARY KEY, parent_id bigint,
  position integer DEFAULT 0, name varchar NOT NULL, permalink varchar, taxonomy_id bigint,
  lft bigint, rgt bigint, description text, depth integer,
  hide_from_nav boolean DEFAULT false, public_metadata jsonb);
CREATE TABLE spree_taxon_translations (id bigserial PRIMARY KEY, name varchar,
  permalink varchar, locale varchar NOT NULL, spree_taxon_id bigint NOT NULL);
CREATE TABLE spree_products_taxons (id bigserial PRIMARY KEY, product_id bigint,
  taxon_id bigint, position integer);
CREATE TABLE spree_assets (id bigserial PRIMARY KEY, viewable_type varchar,
  viewable_id bigint, position integer, type varchar(75), alt text, session_id varchar);
CREATE TABLE active_storage_attachments (id bigserial PRIMARY KEY, name varchar NOT NULL,
  record_type varchar NOT NULL, record_id bigint NOT NULL, blob_id bigint NOT NULL);
CREATE TABLE active_storage_blobs (id bigserial PRIMARY KEY, key varchar NOT NULL,
  filename varchar NOT NULL, content_type varchar, metadata text, byte_size bigint NOT NULL);
CREATE TABLE tags (id bigserial PRIMARY KEY, name varchar, taggings_count integer DEFAULT 0);
CREATE TABLE taggings (id bigserial PRIMARY KEY, tag_id bigint, taggable_type varchar,
  taggable_id bigint, context varchar(128), tenant varchar(128));

-- A nested set: a taxon's numbers stand around those of all below it. One move changes many.
CREATE FUNCTION number_taxons() RETURNS void LANGUAGE sql AS $$
  WITH RECURSIVE tree AS (
    SELECT id, ARRAY[id] AS path, 0 AS depth FROM spree_taxons t
    WHERE NOT EXISTS (SELECT FROM spree_taxons p WHERE p.id = t.parent_id)
    UNION ALL
    SELECT t.id, path || t.id, tree.depth + 1
    FROM spree_taxons t JOIN tree ON t.parent_id = tree.id),
  numbered AS (
    SELECT id, depth, 2 * row_number() OVER (ORDER BY path) - 1 - depth AS lft,
      (SELECT count(*) FROM tree below WHERE tree.id = ANY (below.path)) AS size
    FROM tree)
  UPDATE spree_taxons t SET lft = n.lft, rgt = n.lft + 2 * n.size - 1, depth = n.depth
  FROM numbered n
  WHERE n.id = t.id AND (t.lft, t.rgt) IS DISTINCT FROM (n.lft, n.lft + 2 * n.size - 1) $$;
